import type { BotDefinition } from "../core/bot.ts";
import type { RunLimits } from "../core/limits.ts";
import type { Outcome, Resolved, RunHost, RunJob } from "../core/outcome.ts";
import { readBuiltInLibs } from "./built-in-libs.ts";
import { startChild } from "./child-process.ts";
import { readHandlers } from "./handlers.ts";
import { createPool } from "./pool.ts";
import { readPrelude } from "./prelude.ts";
import { runRoot } from "./root-run.ts";

const HANDLER_CACHE = 1_000; // bots
const ALONE_AFTER_TRIES = 2;

export interface SandboxDeps {
  limits: RunLimits;
  processes: number;
  /** How long a bot is paused after too many kills; 0: never. */
  pauseMs: number;
  resolve: (bot: BotDefinition, text: string, handlers: readonly string[]) => Resolved;
  /** Host of our own API (host, or host:port), for libraries that build URLs of it. */
  apiHost: () => string;
  /** Monotonic milliseconds. */
  now: () => number;
  log: (line: Record<string, unknown>) => void;
}

export type Sandbox = ReturnType<typeof createSandbox>;

/** The place where scripts run. A run changes nothing in the world by itself: it comes to an outcome. */
export function createSandbox({ limits, processes, pauseMs, resolve, apiHost, now, log }: SandboxDeps) {
  const pool = createPool({
    startChild,
    hello: { prelude: readPrelude(), heapMb: limits.heapMb },
    processes,
    processMemoryMb: limits.processMemoryMb,
    pauseMs,
    now,
    log,
  });
  const builtInLibs = readBuiltInLibs();
  const handlerNames = new Map<string, Promise<string[]>>();

  /** The names that a bot's libraries handle: found by loading them once for each version of the bot. */
  function handlersOf(bot: BotDefinition): Promise<string[]> {
    if (!bot.libs.some(({ code }) => /\bon\s*\(/.test(code))) return Promise.resolve([]);
    const key = `${bot.meta.id}/${bot.meta.version}`;
    const known = handlerNames.get(key);
    if (known) return known;
    const reading = readHandlers(bot, { pool, limits, apiHost: apiHost(), builtInLibs });
    reading.catch(() => handlerNames.delete(key));
    handlerNames.set(key, reading);
    for (const oldest of handlerNames.keys()) {
      if (handlerNames.size <= HANDLER_CACHE) break;
      handlerNames.delete(oldest);
    }
    return reading;
  }

  /** What a text names in a bot. Libraries are only asked where no command fits. */
  async function find(bot: BotDefinition, text: string): Promise<Resolved> {
    const found = resolve(bot, text, []);
    if (found.kind === "command" && found.note === undefined) return found;
    const handlers = await handlersOf(bot);
    return handlers.length === 0 ? found : resolve(bot, text, handlers);
  }

  return {
    find,
    /** @throws AppError `bot_paused`, `queue_full`, `shutting_down`, and what the host throws */
    async run(job: RunJob, host: RunHost): Promise<Outcome> {
      const own = { ...limits, runTimeoutMs: job.bot.meta.run_timeout_ms ?? limits.runTimeoutMs };
      const lease = await pool.acquire(job.bot.meta.id, {
        timeoutMs: own.runTimeoutMs,
        again: job.tries > 1,
        alone: job.tries > ALONE_AFTER_TRIES,
      });
      let prefetched: ReadonlyMap<string, string | null>;
      try {
        prefetched = await job.prefetch(); // now, not before it had its turn: what was read by then would be old
      } catch (error) {
        lease.release();
        throw error;
      }
      return runRoot(job, lease, {
        host,
        prefetched,
        limits: own,
        resolve: (text) => find(job.bot, text),
        apiHost: apiHost(),
        builtInLibs,
      });
    },
    ready: () => pool.ready(),
    /** Process ids of the children. */
    pids: () => pool.pids(),
    close: () => {
      pool.close();
    },
  };
}
