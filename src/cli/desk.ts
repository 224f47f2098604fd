import { answers } from "./answers.ts";
import type { Client } from "./client.ts";
import type { Common } from "./options.ts";
import { EXIT, usage, stop } from "./stop.ts";
import { oneLine } from "./text.ts";

/** What a verb works with. */
export interface Desk {
  client: () => Promise<Client>;
  /** Says a result on standard output: as JSON where that was asked for, else as text. */
  show: (options: Common, json: unknown, text: string) => void;
  /** Says on standard error what is going on. */
  progress: (line: string) => void;
  /** The command did what it should, but what it is about failed: the exit code says so. */
  markFailed: () => void;
}

/**
 * The bot that a verb is about: the one that was named, else the only one there is.
 *
 * @throws CommanderError where there is none, or several and none was named
 */
export async function chooseBot({ client, progress }: Desk, named: number | undefined): Promise<number> {
  if (named !== undefined) return named;
  const { bots } = await (await client()).call({ method: "GET", path: ["bots"] }, answers.bots);
  const [only, ...others] = bots;
  if (!only) throw stop(EXIT.failed, "bot_not_found", "there is no bot yet: botyard import DIR makes one");
  if (others.length > 0) {
    const names = bots.map(({ id, name }) => `${id} (${oneLine(name)})`).join(", ");
    throw usage(`there are several bots, so say which with --bot ID: ${names}`);
  }
  progress(`using bot ${only.id} (${oneLine(only.name)}), the only one`);
  return only.id;
}
