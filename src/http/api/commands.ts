import { z } from "zod";
import type { Command } from "../../core/bot.ts";
import { AppError } from "../../core/errors.ts";
import { COMMAND_NAME_CHARS, COMMAND_TEXT_CHARS } from "../../core/limits.ts";
import type { HttpDeps } from "../deps.ts";
import { CHANGES_NOTHING, changesSomething } from "./check.ts";
import { endpoint, noBody, noQuery, noResult, type Endpoint } from "./endpoint.ts";
import { entityTag } from "./entity-tags.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { botIdOf, botNotFound, commandIdOf, type PathParams } from "./path-params.ts";
import { commandShape, nextCursor } from "./shapes.ts";

const MAX_ALIASES = 200;
const SHORT_CHARS = 256;
const MAX_RETRY_SECONDS = 999_999_999;

const line = z.string().max(SHORT_CHARS);
const nameField = z.string().trim().min(1).max(COMMAND_NAME_CHARS);
const aliasesField = z
  .array(z.string().trim().toLowerCase().min(1).max(COMMAND_NAME_CHARS))
  .max(MAX_ALIASES)
  .transform((list) => [...new Set(list)]);
const textField = z.string().max(COMMAND_TEXT_CHARS);
const seconds = z.number().int().min(0).max(MAX_RETRY_SECONDS);

const commandBody = z.strictObject({
  name: nameField,
  code: z.string(),
  aliases: aliasesField.default([]),
  help: textField.default(""),
  answer: textField.default(""),
  keyboard: textField.default(""),
  need_reply: z.boolean().default(false),
  auto_retry_time: seconds.default(0).describe("seconds; 0: never"),
  folder: line.default(""),
  group: line.default(""),
});
const commandPatch = z
  .strictObject({
    name: nameField.optional(),
    code: z.string().optional(),
    aliases: aliasesField.optional(),
    help: textField.optional(),
    answer: textField.optional(),
    keyboard: textField.optional(),
    need_reply: z.boolean().optional(),
    auto_retry_time: seconds.optional(),
    folder: line.optional(),
    group: line.optional(),
  })
  .refine(changesSomething, CHANGES_NOTHING);
const oneCommand = z.strictObject({ command: commandShape });

/** A bot's commands. Each change is a new version of the bot. */
export function createCommandEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  async function commandsOf(params: PathParams): Promise<Command[]> {
    const bot = await catalog.definition(botIdOf(params));
    if (bot === null) throw botNotFound();
    return [...bot.commands].sort((a, b) => a.id - b.id);
  }
  const expecting = (match: (tag: string) => void) => ({
    expect: (command: Command) => {
      match(entityTag(command));
    },
  });
  const shown = (command: Command, status: 200 | 201 = 200) => ({
    ...{ status, body: { command }, tag: entityTag(command) },
  });

  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/commands",
      need: "read",
      about: "The commands of a bot with their scripts, by id",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ commands: z.array(commandShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const { page, next } = pageOf(await commandsOf(params), query, ({ id }) => [id]);
        return { status: 200, body: { commands: page, next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/commands",
      need: "deploy",
      about: "Add a command",
      query: noQuery,
      body: commandBody,
      result: oneCommand,
      status: 201,
      answer: async ({ params, body, once }) =>
        shown(await catalog.createCommand(botIdOf(params), body, { once }), 201),
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/commands/:commandId",
      need: "read",
      about: "One command with its script",
      query: noQuery,
      body: noBody,
      result: oneCommand,
      answer: async ({ params }) => {
        const id = commandIdOf(params);
        const command = (await commandsOf(params)).find((one) => one.id === id);
        if (command === undefined) throw new AppError("command_unknown", "this bot has no such command");
        return shown(command);
      },
    }),
    endpoint({
      method: "PUT",
      path: "/bots/:botId/commands/:commandId",
      need: "deploy",
      about: "Say anew all that a command is; what is not said becomes empty",
      query: noQuery,
      body: commandBody,
      result: oneCommand,
      matches: true,
      answer: async ({ params, body, match }) =>
        shown(await catalog.changeCommand(botIdOf(params), commandIdOf(params), body, expecting(match))),
    }),
    endpoint({
      method: "PATCH",
      path: "/bots/:botId/commands/:commandId",
      need: "deploy",
      about: "Change members of a command",
      query: noQuery,
      body: commandPatch,
      result: oneCommand,
      matches: true,
      answer: async ({ params, body, match }) =>
        shown(await catalog.changeCommand(botIdOf(params), commandIdOf(params), withoutGaps(body), expecting(match))),
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId/commands/:commandId",
      need: "deploy",
      about: "Take a command out of a bot",
      query: noQuery,
      body: noBody,
      result: noResult,
      matches: true,
      answer: async ({ params, match }) => {
        await catalog.deleteCommand(botIdOf(params), commandIdOf(params), expecting(match));
        return { status: 204 };
      },
    }),
  ];
}

/** Members that were not given are not there, instead of being undefined. */
export function withoutGaps<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // entries of T, less those that are undefined: what the type says
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
