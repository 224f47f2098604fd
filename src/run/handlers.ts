import type { BotDefinition } from "../core/bot.ts";
import { AppError } from "../core/errors.ts";
import { JSON_DEPTH, PROPERTY_NAME_CHARS, PROPERTY_VALUE_BYTES, type RunLimits } from "../core/limits.ts";
import { guestJob } from "./guest-job.ts";
import type { Pool } from "./pool.ts";

export interface HandlersDeps {
  pool: Pool;
  limits: RunLimits;
  apiHost: string;
  builtInLibs: ReadonlyMap<string, string>;
}

/** Loads a bot's libraries in the sandbox and asks which names they handle. They may do nothing else there. */
export async function readHandlers(
  bot: BotDefinition,
  { pool, limits, apiHost, builtInLibs }: HandlersDeps,
): Promise<string[]> {
  const lease = await pool.acquire(bot.meta.id, { timeoutMs: limits.runTimeoutMs, again: true, alone: false });
  const nobody = {
    user: null,
    chat: null,
    content: "",
    options: null,
    fromHttp: false,
    completedCommands: 0,
    message: "",
  };
  const result = await lease.exec(
    {
      job: guestJob(bot, { resolved: { kind: "surroundings" }, ...nobody }, { parts: [], apiHost, only: "handlers" }),
      userId: null,
      timeoutMs: Math.ceil(lease.leftMs()),
      known: {},
      left: { effects: 0, bytes: 0, logLines: 0, reads: 0 },
      caps: {
        valueBytes: PROPERTY_VALUE_BYTES,
        nameChars: PROPERTY_NAME_CHARS,
        messageBytes: 0,
        depth: JSON_DEPTH,
        logLineChars: 0,
      },
    },
    ([op, name]) => {
      const own = bot.libs.find((lib) => lib.name === name)?.code;
      return Promise.resolve(op === "lib" ? (own ?? builtInLibs.get(String(name)) ?? null) : null);
    },
  );
  const lost =
    result.kind === "lost"
      ? result.why
      : result.frame.end === "memory"
        ? "memory"
        : lease.leftMs() <= 0
          ? "timeout"
          : undefined;
  lease.release(lost);
  if (result.kind === "lost" || lost)
    throw new AppError(
      "script_failed",
      `the libraries of bot ${bot.meta.id} could not be loaded: their process was lost (${lost ?? "crashed"})`,
    );
  return result.frame.handlers;
}
