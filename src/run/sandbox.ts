import type { BotDefinition, Lib } from "../core/bot.ts";
import { AppError } from "../core/errors.ts";
import type { RunLimits } from "../core/limits.ts";
import type { Outcome, Resolved, RunHost, RunJob } from "../core/outcome.ts";
import { readBuiltInLibs } from "./built-in-libs.ts";
import { startChild } from "./child-process.ts";
import { type Handlers, type HandlersRead, readHandlers } from "./handlers.ts";
import { createPool, type Lease } from "./pool.ts";
import type { Loss } from "./workers.ts";
import { readPrelude } from "./prelude.ts";
import { type Found, runRoot } from "./root-run.ts";
import type { Wish } from "./run-queue.ts";

const ALONE_AFTER_TRIES = 2;
const NONE: Handlers = { names: [], failures: [] };
/** A library that holds no such text handles nothing. */
const HANDLES = /\bon\s*\(/;

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
  /** By the list of libraries, which stays the same object while a version of the bot is in memory. */
  const handlersRead = new WeakMap<readonly Lib[], Handlers>();
  const acquire = (bot: BotDefinition, wish: Omit<Wish, "timeoutMs">): Promise<Lease> =>
    pool.acquire(bot.meta.id, { ...wish, timeoutMs: runLimits(bot).runTimeoutMs });
  const runLimits = ({ meta }: BotDefinition): RunLimits => ({
    ...limits,
    runTimeoutMs: meta.run_timeout_ms ?? limits.runTimeoutMs,
  });

  /**
   * The names that a bot's libraries handle: found by loading them once for each version of the bot.
   *
   * @param held the child of a run that asks in its middle
   */
  async function handlersOf(bot: BotDefinition, held?: Lease): Promise<HandlersRead> {
    const known = handlersRead.get(bot.libs) ?? (bot.libs.some(({ code }) => HANDLES.test(code)) ? undefined : NONE);
    if (known) return { kind: "read", ...known };
    const lease = held ?? (await acquire(bot, { again: true, alone: false }));
    let fault: Loss | undefined;
    try {
      const result = await readHandlers(bot, lease, { apiHost: apiHost(), builtInLibs });
      if (result.kind === "read") handlersRead.set(bot.libs, result);
      else fault = result.why;
      return result;
    } finally {
      if (!held) lease.release(fault);
    }
  }

  /** What a text names in a bot. Libraries are only asked where no command fits. */
  async function search(bot: BotDefinition, text: string, held?: Lease): Promise<Found> {
    const found = resolve(bot, text, []);
    if (found.kind === "command" && found.note === undefined) return found;
    const handlers = await handlersOf(bot, held);
    if (handlers.kind === "lost") return handlers;
    const again = handlers.names.length === 0 ? found : resolve(bot, text, handlers.names);
    return again.kind === "none" ? { kind: "none", why: handlers.failures } : again;
  }

  /** @throws AppError `script_failed` where the libraries could not be loaded, and those of `run` */
  async function find(bot: BotDefinition, text: string): Promise<Resolved> {
    const found = await search(bot, text);
    if (found.kind !== "lost") return found;
    const words = `the libraries of bot ${bot.meta.id} could not be loaded: their process was lost (${found.why})`;
    throw new AppError("script_failed", words);
  }

  return {
    find,
    /** @throws AppError `bot_paused`, `queue_full`, `shutting_down`, and what the host throws */
    async run(job: RunJob, host: RunHost): Promise<Outcome> {
      const lease = await acquire(job.bot, { again: job.tries > 1, alone: job.tries > ALONE_AFTER_TRIES });
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
        limits: runLimits(job.bot),
        find: (text) => search(job.bot, text, lease),
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
