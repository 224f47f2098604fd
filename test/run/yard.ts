import type { BotDefinition, Command, Lib } from "../../src/core/bot.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { DEFAULT_RUN_LIMITS, type RunLimits } from "../../src/core/limits.ts";
import { type Outcome, propertyRef, type RunHost, type RunJob } from "../../src/core/outcome.ts";
import type { Chat, User } from "../../src/core/people.ts";
import { resolveCommand } from "../../src/resolve/resolve.ts";
import { createSandbox, type Sandbox } from "../../src/run/sandbox.ts";

const AT = "2026-01-01T00:00:00.000Z";

export function command(name: string, code: string, more: Partial<Command> = {}): Command {
  const file = `commands/${name.replace("/", "_")}.js`;
  return {
    id: 1,
    name,
    aliases: [],
    help: "",
    answer: "",
    keyboard: "",
    need_reply: false,
    auto_retry_time: 0,
    folder: "",
    group: "",
    code,
    file,
    code_line: 1,
    ...more,
  };
}

let version = 0;
export function botOf(
  commands: Record<string, string> | Command[],
  libs: Record<string, string> = {},
  id = 1,
): BotDefinition {
  const list = Array.isArray(commands) ? commands : Object.entries(commands).map(([name, code]) => command(name, code));
  return {
    meta: { id, name: "testbot", version: ++version, disabled: false, owner_id: null, created_at: AT, updated_at: AT },
    commands: list.map((one, i) => ({ ...one, id: i + 1 })),
    libs: Object.entries(libs).map(([name, code]): Lib => ({ name, code, file: `libs/${name}.js` })),
  };
}

export const ann: User = {
  id: 42,
  telegramid: 4200,
  first_name: "Ann",
  last_name: "",
  username: "ann",
  language_code: "en",
  chat_id: 7,
  created_at: AT,
  updated_at: AT,
};
export const bob: User = { ...ann, id: 43, telegramid: 4300, first_name: "Bob", chat_id: 8 };
export const chatOf = (user: User): Chat => ({
  id: user.chat_id,
  bot_id: 1,
  chatid: user.telegramid,
  title: "",
  chat_type: "private",
  user_id: user.id,
  created_at: AT,
  updated_at: AT,
});

export interface Call {
  command?: string;
  user?: User | null;
  content?: string;
  options?: JsonObject | null;
  fromHttp?: boolean;
  /** What the store holds, by `owner/name`. */
  properties?: Map<string, string>;
  prefetched?: Map<string, string | null>;
}

export interface TestYard {
  sandbox: Sandbox;
  run: (bot: BotDefinition, call?: Call) => Promise<Outcome>;
  /** Runs a script as the only command of a bot. */
  script: (code: string, call?: Call) => Promise<Outcome>;
  asked: string[];
  close: () => void;
}

export function openYard(
  options: { limits?: Partial<RunLimits>; processes?: number; pauseMs?: number } = {},
): TestYard {
  const sandbox = createSandbox({
    limits: { ...DEFAULT_RUN_LIMITS, ...options.limits },
    processes: options.processes ?? 1,
    pauseMs: options.pauseMs ?? 0,
    resolve: resolveCommand,
    apiHost: () => "yard.test",
    now: () => performance.now(),
    log: () => undefined,
  });
  const asked: string[] = [];
  const run = async (bot: BotDefinition, call: Call = {}): Promise<Outcome> => {
    const users = [ann, bob];
    const user = call.user === undefined ? ann : call.user;
    const properties = call.properties ?? new Map<string, string>();
    const host: RunHost = {
      property: (owner, name) => {
        asked.push(propertyRef(owner, name));
        return Promise.resolve(properties.get(propertyRef(owner, name)) ?? null);
      },
      foreignProperty: (botId, name) => Promise.resolve(properties.get(`bot ${botId}/${name}`) ?? null),
      user: (by) =>
        Promise.resolve(
          users.find((one) => ("id" in by ? one.id === by.id : one.telegramid === by.telegramid)) ?? null,
        ),
      chat: (id) => Promise.resolve(users.map(chatOf).find((chat) => chat.id === id) ?? null),
      makeLink: (request) => Promise.resolve(`https://yard.test/link?${JSON.stringify(request)}`),
    };
    const resolved = await sandbox.find(bot, call.command ?? "/start");
    if (resolved.kind === "none") throw new Error("no such command in the test's bot");
    const job: RunJob = {
      bot,
      resolved,
      message: call.command ?? "/start",
      user,
      chat: user && chatOf(user),
      content: call.content ?? "",
      options: call.options ?? null,
      fromHttp: call.fromHttp ?? false,
      prefetch: () => Promise.resolve(call.prefetched ?? new Map()),
      tries: 1,
    };
    return sandbox.run(job, host);
  };
  return {
    sandbox,
    run,
    script: (code, call) => run(botOf({ "/start": code }), call),
    asked,
    close: () => {
      sandbox.close();
    },
  };
}

export const texts = (outcome: Outcome): string[] =>
  outcome.effects.flatMap((effect) => (effect.kind === "sendMessage" ? [effect.text] : []));
