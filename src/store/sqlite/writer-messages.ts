import type { SqliteFault } from "./errors.ts";
import type { Cell } from "./frame.ts";

/** What the writer's thread is started with. */
export interface WriterOptions {
  file: string;
  keepLog: number;
  keepRuns: number;
  faults?: WriterFaults;
}

/** For tests: where the writer dies, and what its connection is told beyond the usual. */
export interface WriterFaults {
  pragmas?: readonly string[];
  die?: { at: "before-commit" | "after-commit"; commit: number; what: "thread" | "process" };
}

/** What the writer is asked for. `n` counts up; every job gets one reply under its number. */
export type Job =
  | { n: number; kind: "commit"; cells: Cell[] }
  | { n: number; kind: "forget"; bot: number }
  | { n: number; kind: "expire"; before: number }
  | { n: number; kind: "ping" }
  | { n: number; kind: "close" };

/** `refused`: places in a commit's list of documents that did not fit on their log's head. */
export type Reply = { n: number; refused?: number[] } | { n: number; fault: SqliteFault };
