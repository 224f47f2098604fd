import type { BotDefinition } from "../core/bot.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { PROPERTY_VALUE_BYTES } from "../core/limits.ts";
import type { Resolved, RunJob } from "../core/outcome.ts";
import type { Chat, User } from "../core/people.ts";
import type { BodyPart } from "./source-map.ts";

/** What a script may hand over in one text of a call; a larger one is not even copied. */
const CALL_CHARS = 4 * 1024 * 1024;

/** One command execution of a root run: the root's own, or that of a sub-command. */
export interface Execution {
  resolved: Exclude<Resolved, { kind: "none" }> | { kind: "surroundings" };
  message: string;
  user: User | null;
  chat: Chat | null;
  content: string;
  options: Json;
  fromHttp: boolean;
  completedCommands: number;
}

/** What the guest finds in `bot.token`: a text that stands for the token, which itself never enters the sandbox. */
export function tokenPlaceholder(botId: number): string {
  return `botyard-token-of-bot-${botId}`;
}

/** The guest's view of an execution (JSON text): parts of its body, its libraries' names, its globals (BJS, globals). */
export function guestJob(
  bot: BotDefinition,
  execution: Execution,
  { parts, apiHost, only }: { parts: readonly BodyPart[]; apiHost: string; only?: "handlers" },
): string {
  const { resolved, message, user, chat, content, options, fromHttp, completedCommands } = execution;
  const globals: Record<string, Json> = {
    message,
    params: resolved.kind === "surroundings" ? "" : resolved.params,
    content,
    bot: {
      id: bot.meta.id,
      name: bot.meta.name,
      token: tokenPlaceholder(bot.meta.id),
      status: "works",
      created_at: bot.meta.created_at,
      updated_at: bot.meta.updated_at,
    },
    completed_commands_count: completedCommands,
    owner: {},
    admins: [],
    iteration_quota: { limit: 1e9, progress: 0 },
    payment_plan: { title: "self-hosted" },
    BB_API_URL: apiHost,
    statistics: {},
  };
  if (options !== null) globals["options"] = options;
  if (user) globals["user"] = { ...user };
  if (chat) globals["chat"] = { ...chat };
  if (resolved.kind === "command") globals["command"] = guestCommand(resolved.command);
  globals["data"] = {
    message,
    content,
    statistics: {},
    ...(user && { user: { ...user } }),
    ...(chat && { chat: { ...chat } }),
  };
  return JSON.stringify({
    parts: parts.map(({ code }) => code),
    libs: bot.libs.map(({ name }) => name),
    handler: resolved.kind === "handler" ? resolved.name : null,
    bot_id: bot.meta.id,
    user_id: user?.id ?? null,
    globals,
    from_http: fromHttp,
    value_bytes: PROPERTY_VALUE_BYTES,
    call_chars: CALL_CHARS,
    only: only ?? null,
  });
}

function guestCommand(command: Extract<RunJob["resolved"], { kind: "command" }>["command"]): JsonObject {
  const { id, name, folder, help, answer, keyboard, aliases, group, need_reply, auto_retry_time } = command;
  return { id, name, folder, help, answer, keyboard, aliases: aliases.join(", "), group, need_reply, auto_retry_time };
}
