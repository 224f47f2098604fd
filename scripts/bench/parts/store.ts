import { perSecond, times, type Row } from "../report.ts";
import { interleave } from "../rounds.ts";
import { median } from "../stats.ts";
import type { Process } from "../subject.ts";
import type { Findings, PartDeps } from "./part.ts";

const CALLERS = [1, 8, 64];
const MANY = 64;
const BUDGET = 0.8;
const MAX_SECONDS = 2; // of one measure: the store is steady long before

interface Taken {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Commits of the store alone, on one bot, against one bare insert a transaction on the same file system. */
export async function measureStore({ stage, rounds, seconds, tell }: PartDeps): Promise<Findings> {
  const store = await stage.store();
  const ms = Math.min(seconds, MAX_SECONDS) * 1_000;
  const measures = CALLERS.flatMap((callers) => [
    { name: `commit, ${callers} callers`, take: () => take(store, { what: "commit", callers, ms }) },
    { name: `bare insert, ${callers} callers`, take: () => take(store, { what: "bare", callers, ms }) },
  ]);
  for (const { take: warmUp } of measures) await warmUp();
  const figures = await interleave(measures, { rounds, tell });
  return { rows: CALLERS.map((callers) => rowOf(figures, callers)), figures };
}

async function take(store: Process, ask: { what: "commit" | "bare"; callers: number; ms: number }): Promise<Taken> {
  const { perSecond: rate, p50Ms, p99Ms } = await store.ask({ kind: "measure", ...ask }, "measured");
  return { perSecond: rate, p50Ms, p99Ms };
}

function rowOf(figures: Record<string, Taken[]>, callers: number): Row {
  const commits = figures[`commit, ${callers} callers`] ?? [];
  const inserts = figures[`bare insert, ${callers} callers`] ?? [];
  const rate = (list: readonly Taken[]): string => perSecond(median(list.map((one) => one.perSecond)));
  const ratio = median(commits.map((one, round) => one.perSecond / (inserts[round]?.perSecond ?? NaN)));
  const middle = (field: keyof Taken): string => median(commits.map((one) => one[field])).toFixed(2);
  return {
    what: `store alone, SQLite, one bot, ${callers} ${callers === 1 ? "caller" : "callers"}: commits against bare inserts, one a transaction`,
    figure: `${times(ratio, 2)} (${rate(commits)} against ${rate(inserts)}; p50 / p99 ${middle("p50Ms")} / ${middle("p99Ms")} ms)`,
    ...(callers === MANY && { budget: { atLeast: BUDGET, unit: "×", value: ratio } }),
  };
}
