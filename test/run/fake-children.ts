import type { Child, ChildEvents } from "../../src/run/child-process.ts";
import type { DoneFrame } from "../../src/run/frames.ts";

/** A sandbox process that does what a test tells it to. */
export interface FakeChild extends Child {
  sent: unknown[];
  isKilled: boolean;
  mb: number;
  ready: () => void;
  /** Ends the execution under way. */
  done: (more?: Partial<DoneFrame>) => void;
  ask: (...question: (string | number)[]) => void;
  speaksNonsense: () => void;
  exit: (signal: NodeJS.Signals | null) => void;
}

export const DONE: DoneFrame = {
  kind: "done",
  end: "ok",
  effects: [],
  log: [],
  droppedLines: 0,
  touched: [],
  reads: 0,
  handlers: [],
  over: null,
  error: null,
};

/** Stands for startChild: children that are killed end at once, unless they are told to linger. */
export function createFakeChildren(options: { getReady?: boolean; linger?: boolean } = {}) {
  const children: FakeChild[] = [];
  const startChild = (events: ChildEvents): Child => {
    let gone = false;
    const child: FakeChild = {
      pid: 1_000 + children.length,
      sent: [],
      isKilled: false,
      mb: 50,
      send: (frame) => {
        child.sent.push(frame);
        if (child.sent.length === 1 && options.getReady !== false) queueMicrotask(child.ready);
      },
      kill: () => {
        child.isKilled = true;
        if (!options.linger)
          queueMicrotask(() => {
            child.exit("SIGKILL");
          });
      },
      memoryMb: () => child.mb,
      ready: () => {
        events.onFrame({ kind: "ready" });
      },
      done: (more) => {
        events.onFrame({ ...DONE, ...more });
      },
      ask: (...question) => {
        events.onFrame({ kind: "ask", question });
      },
      speaksNonsense: () => {
        events.onBad("a frame of unknown shape");
      },
      exit: (signal) => {
        if (gone) return;
        gone = true;
        events.onExit(signal);
      },
    };
    children.push(child);
    return child;
  };
  return { children, startChild };
}
