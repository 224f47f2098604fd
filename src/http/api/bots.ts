import { z } from "zod";
import type { BotChange } from "../../core/catalog.ts";
import { AppError } from "../../core/errors.ts";
import { IMPORT_BODY_BYTES, MAX_RUN_TIMEOUT_MS } from "../../core/limits.ts";
import type { HttpDeps } from "../deps.ts";
import { actorOf, ownerIdOf, type Caller } from "./caller.ts";
import { CHANGES_NOTHING, changesSomething } from "./check.ts";
import { endpoint, noBody, noQuery, noResult, type Endpoint } from "./endpoint.ts";
import { botTag } from "./entity-tags.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { readHost } from "../links/redirect-target.ts";
import { botIdOf, botNotFound } from "./path-params.ts";
import { botShape, changesShape, nextCursor, noteShape } from "./shapes.ts";

type BotEndpointsDeps = Pick<HttpDeps, "catalog" | "owners" | "importBot" | "tryImport">;

const MAX_FILES = 5_000;
const MAX_PATH_CHARS = 1_024;
const MAX_NAME_CHARS = 256;
const MAX_HOSTS = 100;

const importBody = z.strictObject({
  files: z
    .array(z.strictObject({ path: z.string().min(1).max(MAX_PATH_CHARS), text: z.string() }))
    .min(1)
    .max(MAX_FILES)
    .describe("the files of a bot's folder: bot.json, commands/**.js, libs/*.js"),
});

const dryRun = z.enum(["true", "false"]).optional().describe("true: say what would be done, and do nothing");
const ownerText = z.string().max(80).optional().describe("whose the bot is to be; for the operator alone");
const importQuery = z.strictObject({ dry_run: dryRun });
const newBotQuery = z.strictObject({ dry_run: dryRun, owner_id: ownerText });
const imported = z.strictObject({
  bot: botShape.nullable().describe("null: it was a dry run"),
  report: z.array(noteShape),
  changes: changesShape,
});

const secretField = z
  .string()
  .regex(/^[\x21-\x7e]{1,512}$/, "not a text of at most 512 ASCII characters without blanks")
  .nullable()
  .optional();
const hostField = z
  .string()
  .max(255)
  .refine((text) => readHost(text) !== undefined, "not a host");

const botPatch = z
  .strictObject({
    name: z.string().trim().min(1).max(MAX_NAME_CHARS).optional(),
    disabled: z.boolean().optional().describe("true: its links answer 403, and nothing of it runs"),
    run_timeout_ms: z
      .number()
      .int()
      .positive()
      .max(MAX_RUN_TIMEOUT_MS)
      .nullable()
      .optional()
      .describe("null: as the operator has it"),
    owner_id: z.string().max(80).nullable().optional().describe("null: the operator's; for the operator alone"),
    legacy_links: z
      .boolean()
      .nullable()
      .optional()
      .describe("whether links in their old form work, which prove less; null: as the operator has it"),
    redirect_hosts: z
      .array(hostField)
      .max(MAX_HOSTS)
      .optional()
      .describe("hosts to which such links may redirect: a name, and a port where it is not the usual one"),
    token: secretField.describe(
      "the bot's token, which old links were made with: kept sealed and never shown; null: none",
    ),
    legacy_api_key: secretField.describe("the api_key that stands in old links: only its hash is kept; null: none"),
  })
  .refine(changesSomething, CHANGES_NOTHING);

/** What was given, and nothing else: a member that is there without a value would take the old one away. */
function changeOf(settings: Omit<z.output<typeof botPatch>, "owner_id">): BotChange {
  const { name, disabled, run_timeout_ms, legacy_links, redirect_hosts, token, legacy_api_key } = settings;
  const hosts = redirect_hosts?.flatMap((text) => readHost(text) ?? []);
  return {
    ...(name !== undefined && { name }),
    ...(disabled !== undefined && { disabled }),
    ...(run_timeout_ms !== undefined && { run_timeout_ms }),
    ...(legacy_links !== undefined && { legacy_links }),
    ...(hosts && { redirect_hosts: [...new Set(hosts)] }),
    ...(token !== undefined && { token }),
    ...(legacy_api_key !== undefined && { legacy_api_key }),
  };
}

/** Bots and their code as a whole. */
export function createBotEndpoints({ catalog, owners, importBot, tryImport }: BotEndpointsDeps): Endpoint[] {
  /** @throws AppError `scope_denied`, `owner_not_found` */
  async function newOwner(caller: Caller, asked: string | null | undefined): Promise<string | null> {
    if (caller.kind === "owner") {
      if (asked === undefined || asked === caller.ownerId) return caller.ownerId;
      throw new AppError("scope_denied", "owner_id: only the operator gives bots to others", { field: "owner_id" });
    }
    if (asked === undefined || asked === null) return null;
    if ((await owners.owner(asked)) === null)
      throw new AppError("owner_not_found", "there is no such owner", { field: "owner_id" });
    return asked;
  }

  return [
    endpoint({
      method: "GET",
      path: "/bots",
      need: "read",
      about: "The bots that the token sees, by id",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ bots: z.array(botShape), next: nextCursor }),
      answer: async ({ query, caller }) => {
        const { page, next } = pageOf(await catalog.bots(ownerIdOf(caller)), query, ({ id }) => [id]);
        return { status: 200, body: { bots: page, next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/bots",
      need: "deploy",
      about: "Make a bot of the files of its folder",
      query: newBotQuery,
      body: importBody,
      result: imported,
      status: 201,
      maxBytes: IMPORT_BODY_BYTES,
      answer: async ({ query, body: { files }, caller, once }) => {
        const ownerId = await newOwner(caller, query.owner_id);
        if (query.dry_run === "true") return { status: 200, body: { bot: null, ...(await tryImport(files)) } };
        const made = await importBot(files, undefined, { ownerId, once });
        return { status: 201, body: made, tag: botTag(made.bot) };
      },
    }),
    endpoint({
      method: "PUT",
      path: "/bots/:botId/code",
      need: "deploy",
      about: "Put other code in the place of a bot's; users, properties and links stay",
      query: importQuery,
      body: importBody,
      result: imported,
      matches: true,
      maxBytes: IMPORT_BODY_BYTES,
      answer: async ({ params, query, body: { files }, match }) => {
        const botId = botIdOf(params);
        if (query.dry_run === "true")
          return { status: 200, body: { bot: await catalog.bot(botId), ...(await tryImport(files, botId)) } };
        const stored = await importBot(files, botId, {
          expect: (bot) => {
            match(botTag(bot));
          },
        });
        return { status: 200, body: stored, tag: botTag(stored.bot) };
      },
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId",
      need: "read",
      about: "A bot with the names of its commands and libraries",
      query: noQuery,
      body: noBody,
      result: z.strictObject({
        bot: botShape,
        commands: z.array(
          z.strictObject({ id: z.number(), name: z.string(), aliases: z.array(z.string()), file: z.string() }),
        ),
        libs: z.array(z.strictObject({ name: z.string(), file: z.string() })),
      }),
      answer: async ({ params }) => {
        const bot = await catalog.definition(botIdOf(params));
        if (bot === null) throw botNotFound();
        const commands = bot.commands.map(({ id, name, aliases, file }) => ({ id, name, aliases, file }));
        const libs = bot.libs.map(({ name, file }) => ({ name, file }));
        return { status: 200, body: { bot: bot.meta, commands, libs }, tag: botTag(bot.meta) };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/bots/:botId",
      need: "deploy",
      about: "Change what a bot is apart from its code",
      query: noQuery,
      body: botPatch,
      result: z.strictObject({ bot: botShape }),
      matches: true,
      answer: async ({ params, body: { owner_id, ...settings }, caller, match }) => {
        const botId = botIdOf(params);
        const ownerId = owner_id === undefined ? undefined : await newOwner(caller, owner_id);
        const change = { ...changeOf(settings), ...(ownerId !== undefined && { owner_id: ownerId }) };
        const expect = (bot: z.output<typeof botShape>) => {
          match(botTag(bot));
        };
        const bot = await catalog.changeBot(botId, change, { expect });
        if (ownerId !== undefined)
          await owners.note({ action: "bot.owner_changed", owner_id: ownerId, bot_id: botId }, actorOf(caller));
        if (settings.token !== undefined || settings.legacy_api_key !== undefined)
          await owners.note({ action: "bot.secrets_changed", bot_id: botId }, actorOf(caller));
        return { status: 200, body: { bot }, tag: botTag(bot) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId",
      need: "admin",
      about: "Delete a bot with all it has",
      query: noQuery,
      body: noBody,
      result: noResult,
      matches: true,
      answer: async ({ params, match }) => {
        await catalog.deleteBot(botIdOf(params), {
          expect: (bot) => {
            match(botTag(bot));
          },
        });
        return { status: 204 };
      },
    }),
  ];
}
