import { AppError } from "../core/errors.ts";
import { VERDICT_GRACE_MS } from "../core/limits.ts";
import { createKillLedger } from "./kill-ledger.ts";
import { createRunQueue, type Waiting, type Wish } from "./run-queue.ts";
import {
  type AnswerQuestion,
  createWorkers,
  type ExecEnd,
  type Loss,
  type Worker,
  type WorkersDeps,
} from "./workers.ts";

const POLL_MS = 20;
/** SIGKILL falls so long after the script's own limit: late enough for the engine's own timeout, in time for ours. */
const KILL_AFTER_MS = VERDICT_GRACE_MS * 0.4;
const RUNS_PER_CHILD = 2_000;
/** A child that was busy for so long in all is replaced: its CPU time is bounded (child-process.ts). */
const BUSY_MS_PER_CHILD = 300_000;
/**
 * A child that holds more than this part of its cap after a run is replaced: what one bot has left in it must not be
 * what another bot's run is killed for.
 */
const WORN_MEMORY = 0.75;
/** A run that was shorter cannot have left much. */
const MEASURED_MS = 10;

/**
 * What a run did to its child. `overtime`: the engine stopped it at its limit and its isolate is gone, so the child is
 * sound. It counts against the bot as a kill does.
 */
export type Fault = Loss | "overtime";

/** A child for one root run. */
export interface Lease {
  /** Milliseconds of the root run's time that are left. */
  leftMs(): number;
  exec(frame: unknown, answer: AnswerQuestion): Promise<ExecEnd>;
  /** Gives the child back; after a fault other than `overtime` it does not serve again. */
  release(fault?: Fault): void;
}

export interface PoolDeps extends Omit<WorkersDeps, "onIdle"> {
  processes: number;
  processMemoryMb: number;
  pauseMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

export type Pool = ReturnType<typeof createPool>;

/**
 * The supervisor: as many children as there are processes, plus one warm spare that takes a killed one's place at once
 * and serves a bot with nothing running when the others are busy, so that no bot alone can keep the rest waiting.
 */
export function createPool(deps: PoolDeps) {
  const { now, log } = deps;
  const workers = createWorkers({ ...deps, onIdle: dispatch });
  const queue = createRunQueue<Lease>(now);
  const kills = createKillLedger({ pauseMs: deps.pauseMs, now });
  const running = new Map<number, number>(); // bot → runs under way
  const aloneBots = new Set<number>(); // bots of which one run, and no other, is under way
  let busy = 0;
  let closed = false;
  let poll: NodeJS.Timeout | undefined;

  /** Whether a run may start now; and if so, on which child. */
  function childFor({ bot, alone }: Waiting<Lease>): Worker | undefined {
    const others = running.get(bot) ?? 0;
    if (others > 0 && (alone || aloneBots.has(bot) || busy >= deps.processes)) return undefined;
    for (const worker of workers.all) if (worker.state === "idle") return worker;
    return undefined;
  }

  function dispatch(): void {
    for (;;) {
      const next = queue.take((waiting) => childFor(waiting) !== undefined);
      if (!next) return;
      const worker = childFor(next);
      if (!worker) return;
      lend(worker, next);
    }
  }

  function lend(worker: Worker, { bot, timeoutMs, alone, resolve }: Waiting<Lease>): void {
    worker.state = "busy";
    worker.bot = bot;
    worker.runs++;
    busy++;
    running.set(bot, (running.get(bot) ?? 0) + 1);
    if (alone) aloneBots.add(bot);
    poll ??= setInterval(pollMemory, POLL_MS);
    const startedAt = now();
    const deadline = setTimeout(() => {
      workers.kill(worker, "timeout");
    }, timeoutMs + KILL_AFTER_MS);
    let over = false;
    const release = (fault?: Fault): void => {
      if (over) return;
      over = true;
      clearTimeout(deadline);
      worker.onFrame = null;
      worker.onQuestion = null;
      busy--;
      if (alone) aloneBots.delete(bot);
      const left = (running.get(bot) ?? 1) - 1;
      if (left > 0) running.set(bot, left);
      else running.delete(bot);
      if (busy === 0) {
        clearInterval(poll);
        poll = undefined;
      }
      const tookMs = now() - startedAt;
      worker.busyMs += tookMs;
      const isWorn =
        worker.runs >= RUNS_PER_CHILD ||
        worker.busyMs >= BUSY_MS_PER_CHILD ||
        (tookMs > MEASURED_MS && worker.child.memoryMb() > deps.processMemoryMb * WORN_MEMORY);
      if (fault && kills.note(bot)) pause(bot);
      if (fault && fault !== "overtime") workers.kill(worker, fault);
      else if (isWorn || worker.killed) worker.child.kill();
      const isGone = isWorn || worker.killed !== null;
      if (worker.state === "busy") worker.state = isGone ? "gone" : "idle";
      // In a turn of its own: by then what this run wrote stands in the queue for its commit, and the next one sees it.
      setImmediate(dispatch);
    };
    resolve({
      leftMs: () => timeoutMs - (now() - startedAt),
      exec: (frame, answer) => workers.exec(worker, frame, answer),
      release,
    });
  }

  function pollMemory(): void {
    for (const worker of workers.all)
      if (worker.state === "busy" && worker.child.memoryMb() > deps.processMemoryMb) workers.kill(worker, "memory");
  }

  function pause(bot: number): void {
    log({ level: "warn", event: "bot.paused", botId: bot, pauseMs: deps.pauseMs });
    queue.dropBot(bot, pausedError(bot));
  }
  const pausedError = (bot: number): AppError =>
    new AppError(
      "bot_paused",
      `bot ${bot} is paused for ${Math.ceil(kills.pausedForMs(bot) / 1000)} s: too many of its runs had to be ended by force`,
    );

  for (let i = 0; i < deps.processes + 1; i++) workers.start();
  return {
    /** Waits for a child. @throws AppError `bot_paused`, `queue_full`, `shutting_down` */
    async acquire(bot: number, wish: Wish): Promise<Lease> {
      if (closed) throw new AppError("shutting_down", "the server is stopping; call again in a moment");
      if (kills.pausedForMs(bot) > 0) throw pausedError(bot);
      const waiting = queue.add(bot, wish);
      dispatch();
      return waiting;
    },
    /** Resolves once a child stands ready. */
    ready: () => workers.ready(),
    pids: (): number[] => [...workers.all].map(({ child }) => child.pid),
    close(): void {
      closed = true;
      clearInterval(poll);
      queue.close(new AppError("shutting_down", "the server is stopping; call again in a moment"));
      workers.close();
    },
  };
}
