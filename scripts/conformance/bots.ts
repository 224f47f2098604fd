import { z } from "zod";
import type { Server } from "./server.ts";

const importedSchema = z.object({ bot: z.object({ id: z.number() }) });
const linkSchema = z.object({ url: z.string() });
const effectSchema = z.object({ kind: z.string(), text: z.string().optional(), name: z.string().optional() });
const runSchema = z.object({
  id: z.string(),
  state: z.enum(["done", "failed"]),
  answer: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  effects: z.array(effectSchema.loose()),
});
const runsSchema = z.object({ runs: z.array(runSchema) });
export type Run = z.infer<typeof runSchema>;

/** A bot of one command, and the link that calls it. */
export interface Bot {
  id: number;
  link: string;
}

/**
 * Imports a script as a bot of its own; the command is called `A`.
 *
 * @returns the refusal's text, where the yard does not take it
 */
export async function importScript(server: Server, code: string): Promise<Bot | string> {
  const made = await server.api("POST", "/bots", {
    files: [
      { path: "bot.json", text: '{"bb_sync_version":"1.0","name":"probe","git_remote":null,"csv_url":null}' },
      { path: "commands/A.js", text: `/*CMD\n  command: A\nCMD*/\n${code}` },
    ],
  });
  if (made.status !== 201) return `${made.status} ${JSON.stringify(made.body).slice(0, 200)}`;
  const { id } = importedSchema.parse(made.body).bot;
  const link = await server.api("POST", `/bots/${id}/links`, { command: "A" });
  const bot: Bot = { id, link: linkSchema.parse(link.body).url };
  return bot;
}

/** All runs of a bot, newest first. */
export async function runsOf(server: Server, botId: number): Promise<Run[]> {
  const { body } = await server.api("GET", `/bots/${botId}/runs`);
  return runsSchema.parse(body).runs;
}

/** Names and values of a bot's properties, as text that can be compared. */
export async function propertiesOf(server: Server, botId: number): Promise<string> {
  const { body } = await server.api("GET", `/bots/${botId}/properties`);
  return JSON.stringify(body);
}
