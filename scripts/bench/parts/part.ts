import type { Row } from "../report.ts";
import type { Stage } from "../stage.ts";

export interface PartDeps {
  stage: Stage;
  rounds: number;
  /** Of one measure in one round. */
  seconds: number;
  tell: (line: string) => void;
}

/** What a part of the bench found: lines of the table, and every figure behind them. */
export interface Findings {
  rows: Row[];
  figures: unknown;
}
export type Part = (deps: PartDeps) => Promise<Findings>;
