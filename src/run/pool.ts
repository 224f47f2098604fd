import { AppError } from "../core/errors.ts";
import { VERDICT_GRACE_MS } from "../core/limits.ts";
import type { Child, ChildEvents } from "./child-process.ts";
import type { AskFrame, DoneFrame } from "./frames.ts";
import { createKillLedger } from "./kill-ledger.ts";
import { createRunQueue, type Waiting, type Wish } from "./run-queue.ts";

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
/** A child that never gets ready is given up after this. */
const START_MS = 15_000;
/** Questions that one execution may ask; a child in a script's hands could ask for ever. */
const MAX_QUESTIONS = 20_000;

/** Why a run lost its child. Facts of the host: our own kills, the signal, the clock. */
export type Loss = "timeout" | "memory" | "crashed";
export type ExecEnd = { kind: "done"; frame: DoneFrame } | { kind: "lost"; why: Loss; signal: string | null };

/** A child for one root run. */
export interface Lease {
  /** Milliseconds of the root run's time that are left. */
  leftMs(): number;
  exec(frame: unknown, answer: (question: AskFrame["question"]) => Promise<unknown>): Promise<ExecEnd>;
  /** Gives the child back; `fault` says that it must not serve again. */
  release(fault?: Loss): void;
}

export interface PoolDeps {
  startChild: (events: ChildEvents) => Child;
  /** What a child needs first: the guest's prelude and its heap limit. */
  hello: { prelude: string; heapMb: number };
  processes: number;
  processMemoryMb: number;
  pauseMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
  log: (line: Record<string, unknown>) => void;
}

interface Worker {
  child: Child;
  state: "starting" | "idle" | "busy" | "gone";
  bot: number;
  runs: number;
  busyMs: number;
  killed: Loss | null;
  onFrame: ((end: ExecEnd) => void) | null;
  onQuestion: ((question: AskFrame["question"]) => void) | null;
}

export type Pool = ReturnType<typeof createPool>;

/**
 * The supervisor: as many children as there are processes, plus one warm spare that takes a killed one's place at once
 * and serves a bot with nothing running when the others are busy, so that no bot alone can keep the rest waiting.
 */
export function createPool(deps: PoolDeps) {
  const { now, log } = deps;
  const workers = new Set<Worker>();
  const queue = createRunQueue<Lease>(now);
  const kills = createKillLedger({ pauseMs: deps.pauseMs, now });
  const running = new Map<number, number>(); // bot → runs under way
  const aloneBots = new Set<number>(); // bots of which one run, and no other, is under way
  let busy = 0;
  let closed = false;
  let poll: NodeJS.Timeout | undefined;
  let failedStarts = 0;

  function start(): void {
    if (closed) return;
    const worker: Worker = {
      child: { pid: 0, send: () => undefined, kill: () => undefined, memoryMb: () => 0 },
      state: "starting",
      bot: 0,
      runs: 0,
      busyMs: 0,
      killed: null,
      onFrame: null,
      onQuestion: null,
    };
    const tooSlow = setTimeout(() => {
      worker.child.kill();
    }, START_MS);
    tooSlow.unref();
    workers.add(worker);
    const events: ChildEvents = {
      onFrame: (frame) => {
        if (worker.killed) return; // its verdict has fallen
        if (frame.kind === "ready" && worker.state === "starting") {
          clearTimeout(tooSlow);
          failedStarts = 0;
          worker.state = "idle";
          dispatch();
        } else if (frame.kind === "done" && worker.onFrame) worker.onFrame({ kind: "done", frame });
        else if (frame.kind === "ask" && worker.onQuestion) worker.onQuestion(frame.question);
        else kill(worker, "crashed"); // it speaks out of turn
      },
      onBad: (why) => {
        if (worker.killed) return;
        log({ level: "warn", event: "sandbox.bad_frame", pid: worker.child.pid, why });
        kill(worker, "crashed");
      },
      onExit: (signal) => {
        clearTimeout(tooSlow);
        exited(worker, signal);
      },
    };
    try {
      worker.child = deps.startChild(events);
      worker.child.send(deps.hello);
    } catch (error) {
      // The system has no descriptor or no process left to give: others of ours may still serve.
      log({ level: "error", event: "sandbox.no_process", error: error instanceof Error ? error.message : "" });
      events.onExit(null);
    }
  }

  function exited(worker: Worker, signal: NodeJS.Signals | null): void {
    const { state } = worker;
    worker.state = "gone";
    workers.delete(worker);
    // A SIGKILL that is not ours came from the kernel short of memory, or from somebody's hand.
    worker.killed ??= signal === "SIGKILL" ? "memory" : "crashed";
    tellLoss(worker, worker.killed, signal);
    if (closed) return;
    if (state !== "starting") {
      start();
      return;
    }
    failedStarts++;
    log({ level: "error", event: "sandbox.start_failed", signal, failedStarts });
    setTimeout(start, Math.min(100 * 2 ** failedStarts, 5_000)).unref();
  }

  /**
   * The verdict falls with the signal and does not wait for the process's end, which takes long where there is much to
   * tear down or the machine is busy. What the process still says is not heard.
   */
  function kill(worker: Worker, why: Loss): void {
    worker.killed ??= why;
    if (worker.state === "idle") worker.state = "gone";
    worker.child.kill();
    tellLoss(worker, worker.killed, "SIGKILL");
  }

  function tellLoss(worker: Worker, why: Loss, signal: NodeJS.Signals | null): void {
    const { onFrame } = worker;
    if (!onFrame) return;
    worker.onFrame = null;
    worker.onQuestion = null;
    log({ level: "warn", event: "sandbox.lost", pid: worker.child.pid, botId: worker.bot, why, signal });
    onFrame({ kind: "lost", why, signal });
  }

  /** Whether a run may start now; and if so, on which child. */
  function childFor({ bot, alone }: Waiting<Lease>): Worker | undefined {
    const others = running.get(bot) ?? 0;
    if (others > 0 && (alone || aloneBots.has(bot) || busy >= deps.processes)) return undefined;
    for (const worker of workers) if (worker.state === "idle") return worker;
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
      kill(worker, "timeout");
    }, timeoutMs + KILL_AFTER_MS);
    let over = false;
    const release = (fault?: Loss): void => {
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
      if (fault) {
        if (kills.note(bot)) pause(bot);
        kill(worker, fault);
      } else if (isWorn || worker.killed) worker.child.kill();
      if (worker.state === "busy") worker.state = fault || isWorn || worker.killed ? "gone" : "idle";
      // In a turn of its own: by then what this run wrote stands in the queue for its commit, and the next one sees it.
      setImmediate(dispatch);
    };
    resolve({
      leftMs: () => timeoutMs - (now() - startedAt),
      exec: (frame, answer) => exec(worker, frame, answer),
      release,
    });
  }

  function exec(
    worker: Worker,
    frame: unknown,
    answer: (question: AskFrame["question"]) => Promise<unknown>,
  ): Promise<ExecEnd> {
    return new Promise((resolve, reject) => {
      if (worker.state !== "busy" || worker.killed) {
        resolve({ kind: "lost", why: worker.killed ?? "crashed", signal: null });
        return;
      }
      let questions = 0;
      const end = (result: ExecEnd): void => {
        worker.onFrame = null;
        worker.onQuestion = null;
        resolve(result);
      };
      worker.onFrame = end;
      worker.onQuestion = (question) => {
        if (++questions > MAX_QUESTIONS) {
          kill(worker, "crashed");
          return;
        }
        answer(question).then(
          (value) => {
            if (worker.onFrame === end) worker.child.send(value ?? null);
          },
          (error: unknown) => {
            // The host could not answer (the store is away): the run is lost, and not by the script's fault.
            worker.onFrame = null;
            worker.onQuestion = null;
            worker.killed ??= "crashed";
            worker.child.kill();
            reject(error instanceof Error ? error : new Error("a question failed"));
          },
        );
      };
      worker.child.send(frame);
    });
  }

  function pollMemory(): void {
    for (const worker of workers)
      if (worker.state === "busy" && worker.child.memoryMb() > deps.processMemoryMb) kill(worker, "memory");
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

  for (let i = 0; i < deps.processes + 1; i++) start();
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
    async ready(): Promise<void> {
      while (![...workers].some((worker) => worker.state === "idle" || worker.state === "busy")) {
        if (failedStarts > 3) throw new Error("the sandbox processes do not start");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    pids: (): number[] => [...workers].map((worker) => worker.child.pid),
    close(): void {
      closed = true;
      clearInterval(poll);
      queue.close(new AppError("shutting_down", "the server is stopping; call again in a moment"));
      for (const worker of workers) worker.child.kill();
    },
  };
}
