import { z } from "zod";
import { IMPORT_BODY_BYTES } from "../../core/limits.ts";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, noQuery, type Endpoint } from "./endpoint.ts";
import { botIdOf, botNotFound } from "./path-params.ts";

type BotEndpointsDeps = Pick<HttpDeps, "catalog" | "importBot" | "tryImport" | "exportBot">;

const MAX_FILES = 5_000;
const MAX_PATH_CHARS = 1_024;

const importBody = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().min(1).max(MAX_PATH_CHARS), text: z.string() }))
    .min(1)
    .max(MAX_FILES),
});

/** `dry_run=true`: the answer says what would be done, and nothing is. */
const importQuery = z.strictObject({ dry_run: z.enum(["true", "false"]).optional() });

const restoreBody = z.strictObject({
  /** One of the restore points; the newest where absent. */
  version: z.number().int().positive().optional(),
});

/** Bots and their code. */
export function createBotEndpoints(deps: BotEndpointsDeps): Endpoint[] {
  const { catalog, importBot, tryImport } = deps;
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
      query: importQuery,
      body: importBody,
      maxBytes: IMPORT_BODY_BYTES,
      answer: async ({ query, body: { files } }) =>
        query.dry_run === "true"
          ? { status: 200, body: { bot: null, ...(await tryImport(files)) } }
          : { status: 201, body: { ...(await importBot(files)) } },
    }),
    endpoint({
      method: "PUT",
      path: "/bots/:botId/code",
      query: importQuery,
      body: importBody,
      maxBytes: IMPORT_BODY_BYTES,
      answer: async ({ params, query, body: { files } }) => {
        const botId = botIdOf(params);
        if (query.dry_run !== "true") return { status: 200, body: { ...(await importBot(files, botId)) } };
        return { status: 200, body: { bot: await catalog.bot(botId), ...(await tryImport(files, botId)) } };
      },
    }),
    ...createRestoreEndpoints(deps),
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

/** A bot as files, and its earlier states. */
function createRestoreEndpoints({ catalog, exportBot }: BotEndpointsDeps): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/files",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => ({ status: 200, body: { files: await exportBot(botIdOf(params)) } }),
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/restore-points",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => ({
        status: 200,
        body: { restore_points: await catalog.restorePoints(botIdOf(params)) },
      }),
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/restore",
      query: noQuery,
      body: restoreBody,
      answer: async ({ params, body }) => ({
        status: 200,
        body: { bot: await catalog.restoreBot(botIdOf(params), body.version) },
      }),
    }),
  ];
}

/** For calls that the catalog does not check itself. @throws AppError `bot_not_found` */
export async function requireBot(catalog: HttpDeps["catalog"], botId: number): Promise<void> {
  if ((await catalog.bot(botId)) === null) throw botNotFound();
}
