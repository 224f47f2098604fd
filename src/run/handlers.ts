import type { BotDefinition } from "../core/bot.ts";
import { JSON_DEPTH, PROPERTY_NAME_CHARS, PROPERTY_VALUE_BYTES } from "../core/limits.ts";
import { type Execution, guestJob } from "./guest-job.ts";
import type { Lease } from "./pool.ts";
import type { Loss } from "./workers.ts";

export interface HandlersDeps {
  apiHost: string;
  builtInLibs: ReadonlyMap<string, string>;
}
export interface Handlers {
  names: readonly string[];
  /** A sentence for each library that did not load. */
  failures: readonly string[];
}
/** `lost`: the child is gone, or must go. */
export type HandlersRead = ({ kind: "read" } & Handlers) | { kind: "lost"; why: Loss; signal: string | null };

const FAILURES = 10;
const FAILURE_CHARS = 300;

const NOBODY: Execution = {
  resolved: { kind: "surroundings" },
  message: "",
  user: null,
  chat: null,
  content: "",
  options: null,
  fromHttp: false,
  completedCommands: 0,
};

/**
 * Loads a bot's libraries in the sandbox and asks which names they handle. They may do nothing else there. It takes no
 * child of its own: a run that asks in its middle would wait for one that never comes.
 */
export async function readHandlers(
  bot: BotDefinition,
  lease: Lease,
  { apiHost, builtInLibs }: HandlersDeps,
): Promise<HandlersRead> {
  const leftMs = lease.leftMs();
  if (leftMs <= 0) return { kind: "lost", why: "timeout", signal: null };
  const result = await lease.exec(
    {
      job: guestJob(bot, NOBODY, { parts: [], apiHost, only: "handlers" }),
      userId: null,
      timeoutMs: Math.ceil(leftMs),
      known: {},
      left: { effects: 0, bytes: 0, logLines: FAILURES, reads: 0 },
      caps: {
        valueBytes: PROPERTY_VALUE_BYTES,
        nameChars: PROPERTY_NAME_CHARS,
        messageBytes: 0,
        depth: JSON_DEPTH,
        logLineChars: FAILURE_CHARS,
        ...{ effects: 0, effectBytes: 0, reads: 0 },
      },
    },
    ([op, name]) => {
      const own = bot.libs.find((lib) => lib.name === name)?.code;
      return Promise.resolve(op === "lib" ? (own ?? builtInLibs.get(String(name)) ?? null) : null);
    },
  );
  if (result.kind === "lost") return result;
  if (result.frame.end === "memory") return { kind: "lost", why: "memory", signal: null };
  if (lease.leftMs() <= 0) return { kind: "lost", why: "timeout", signal: null };
  const { handlers, log } = result.frame;
  const failures = log.filter(({ level }) => level === "warn").map(({ text }) => text);
  return { kind: "read", names: handlers, failures };
}
