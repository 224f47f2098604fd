import type { Child, ChildEvents } from "./child-process.ts";
import type { AskFrame, DoneFrame } from "./frames.ts";

/** A child that never gets ready is given up after this. */
const START_MS = 15_000;
/** Questions that one execution may ask; a child in a script's hands could ask for ever. */
const MAX_QUESTIONS = 20_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const HOPELESS_STARTS = 4;
const LOOK_MS = 10;

/** Why a run lost its child. Facts of the host: our own kills, the signal, the clock. */
export type Loss = "timeout" | "memory" | "crashed";
export type ExecEnd = { kind: "done"; frame: DoneFrame } | { kind: "lost"; why: Loss; signal: string | null };
/** Answers what a script's process asks in the middle of an execution. */
export type AnswerQuestion = (question: AskFrame["question"]) => Promise<unknown>;

export interface Worker {
  child: Child;
  state: "starting" | "idle" | "busy" | "gone";
  bot: number;
  runs: number;
  busyMs: number;
  killed: Loss | null;
  onFrame: ((end: ExecEnd) => void) | null;
  onQuestion: ((question: AskFrame["question"]) => void) | null;
}

export interface WorkersDeps {
  startChild: (events: ChildEvents) => Child;
  /** What a child needs first: the guest's prelude and its heap limit. */
  hello: { prelude: string; heapMb: number };
  onIdle: () => void;
  log: (line: Record<string, unknown>) => void;
}

/** The children: started, spoken with, killed, and each that ends replaced by another. */
export function createWorkers({ startChild, hello, onIdle, log }: WorkersDeps) {
  const all = new Set<Worker>();
  let closed = false;
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
    all.add(worker);
    const events: ChildEvents = {
      onFrame: (frame) => {
        if (worker.killed) return; // its verdict has fallen
        if (frame.kind === "ready" && worker.state === "starting") {
          clearTimeout(tooSlow);
          failedStarts = 0;
          worker.state = "idle";
          onIdle();
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
      worker.child = startChild(events);
      worker.child.send(hello);
    } catch (error) {
      // The system has no descriptor or no process left to give: others of ours may still serve.
      log({ level: "error", event: "sandbox.no_process", error: error instanceof Error ? error.message : "" });
      events.onExit(null);
    }
  }

  function exited(worker: Worker, signal: NodeJS.Signals | null): void {
    const { state } = worker;
    worker.state = "gone";
    all.delete(worker);
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
    setTimeout(start, Math.min(FIRST_WAIT_MS * 2 ** failedStarts, LONGEST_WAIT_MS)).unref();
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

  /** One execution; rejects where a question could not be answered. */
  function exec(worker: Worker, frame: unknown, answer: AnswerQuestion): Promise<ExecEnd> {
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

  return {
    all,
    start,
    kill,
    exec,
    /** Resolves once a child stands ready. */
    async ready(): Promise<void> {
      while (![...all].some(({ state }) => state === "idle" || state === "busy")) {
        if (failedStarts >= HOPELESS_STARTS) throw new Error("the sandbox processes do not start");
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    close(): void {
      closed = true;
      for (const { child } of all) child.kill();
    },
  };
}
