import { z } from "zod";
import { IMPORT_BODY_BYTES } from "../../core/limits.ts";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, noQuery, type Endpoint } from "./endpoint.ts";
import { botIdOf, botNotFound } from "./path-params.ts";

const MAX_FILES = 5_000;
const MAX_PATH_CHARS = 1_024;

const importBody = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().min(1).max(MAX_PATH_CHARS), text: z.string() }))
    .min(1)
    .max(MAX_FILES),
});

/** Bots and their code. */
export function createBotEndpoints({ catalog, importBot }: Pick<HttpDeps, "catalog" | "importBot">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots",
      query: noQuery,
      body: noBody,
      answer: async () => ({ status: 200, body: { bots: await catalog.bots() } }),
    }),
    endpoint({
      method: "POST",
      path: "/bots",
      query: noQuery,
      body: importBody,
      maxBytes: IMPORT_BODY_BYTES,
      answer: async ({ body }) => ({ status: 201, body: { ...(await importBot(body.files)) } }),
    }),
    endpoint({
      method: "PUT",
      path: "/bots/:botId/code",
      query: noQuery,
      body: importBody,
      maxBytes: IMPORT_BODY_BYTES,
      answer: async ({ params, body }) => ({
        status: 200,
        body: { ...(await importBot(body.files, botIdOf(params))) },
      }),
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => {
        const bot = await catalog.definition(botIdOf(params));
        if (bot === null) throw botNotFound();
        const commands = bot.commands.map(({ id, name, aliases, file }) => ({ id, name, aliases, file }));
        const libs = bot.libs.map(({ name, file }) => ({ name, file }));
        return { status: 200, body: { bot: bot.meta, commands, libs } };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/bots/:botId",
      query: noQuery,
      body: z.strictObject({ disabled: z.boolean() }),
      answer: async ({ params, body }) => ({
        status: 200,
        body: { bot: await catalog.setDisabled(botIdOf(params), body.disabled) },
      }),
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => {
        await catalog.deleteBot(botIdOf(params));
        return { status: 204 };
      },
    }),
  ];
}

/** For calls that the catalog does not check itself. @throws AppError `bot_not_found` */
export async function requireBot(catalog: HttpDeps["catalog"], botId: number): Promise<void> {
  if ((await catalog.bot(botId)) === null) throw botNotFound();
}
