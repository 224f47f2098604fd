import { load, type Load } from "../load.ts";
import { perSecond, times, type Row } from "../report.ts";
import { interleave } from "../rounds.ts";
import { checkAll, type SubjectName } from "../stage.ts";
import { median } from "../stats.ts";
import type { Findings, PartDeps } from "./part.ts";

const FEW = 10; // callers
const MANY = 64;
const LOADS: readonly (readonly [name: string, subject: SubjectName, callers: number])[] = [
  ["koa", "koa", FEW],
  ["isolates", "isolates", FEW],
  ["memory", "memory", FEW],
  ["sqlite", "sqlite", FEW],
  ["memory64", "memory", MANY],
  ["sqlite64", "sqlite", MANY],
];
const FIRST_WARM_UP_SECONDS = 3;
const WARM_UP_SECONDS = 0.5;

const BUDGETS = { toKoa: 0.05, toIsolates: 2.5, sqliteToMemory: 0.7, p99ToP50: 3 };

/** Calls of signed links, against the same job done otherwise. */
export async function measureLinks({ stage, rounds, seconds, tell }: PartDeps): Promise<Findings> {
  const loads = [];
  for (const [name, subject, callers] of LOADS) loads.push({ name, callers, subject: await stage.subject(subject) });
  await checkAll(loads.map(({ subject }) => subject));
  for (const { name, subject, callers } of loads) {
    tell(`warm-up: ${name}`);
    await load(subject, { callers, seconds: FIRST_WARM_UP_SECONDS });
  }
  const figures = await interleave(
    loads.map(({ name, subject, callers }) => ({
      name,
      take: async () => {
        await load(subject, { callers, seconds: WARM_UP_SECONDS });
        return load(subject, { callers, seconds });
      },
    })),
    { rounds, tell },
  );
  return { rows: rowsOf(figures), figures };
}

function rowsOf(figures: Record<string, Load[]>): Row[] {
  const all = (name: string, field: keyof Load): number[] => (figures[name] ?? []).map((one) => one[field]);
  const middle = (name: string, field: keyof Load): number => median(all(name, field));
  /** Of the two rates in one round: what disturbs the machine for longer meets both. */
  const ratio = (a: string, b: string): number =>
    median(all(a, "perSecond").map((rate, round) => rate / (all(b, "perSecond")[round] ?? NaN)));
  const rate = (name: string): string => perSecond(middle(name, "perSecond"));
  const latency = (name: string): string =>
    `${middle(name, "p50Ms").toFixed(1)} / ${middle(name, "p99Ms").toFixed(1)} ms`;
  const cpu = (name: string): string =>
    `${middle(name, "serverCpuMs").toFixed(2)} + ${middle(name, "childCpuMs").toFixed(2)} ms`;

  const toKoa = ratio("memory", "koa");
  const toIsolates = ratio("memory", "isolates");
  const sqliteToMemory = ratio("sqlite64", "memory64");
  const p99ToP50 = median(all("memory", "p99Ms").map((p99, round) => p99 / (all("memory", "p50Ms")[round] ?? NaN)));
  const bad = Object.values(figures).flatMap((list) => list.map((one) => one.bad));
  return [
    {
      what: `signed link, 3 reads, 1 write, 2 messages, in memory, ${FEW} callers, against plain Koa`,
      figure: `${times(toKoa, 3)} (${rate("memory")} against ${rate("koa")})`,
      budget: { atLeast: BUDGETS.toKoa, unit: "×", value: toKoa },
    },
    {
      what: "the same against an isolate per request in the web process",
      figure: `${times(toIsolates, 1)} (against ${rate("isolates")})`,
      budget: { atLeast: BUDGETS.toIsolates, unit: "×", value: toIsolates },
    },
    {
      what: `the same with SQLite, durable, ${MANY} callers, against in memory`,
      figure: `${times(sqliteToMemory, 2)} (${rate("sqlite64")} against ${rate("memory64")})`,
      budget: { atLeast: BUDGETS.sqliteToMemory, unit: "×", value: sqliteToMemory },
    },
    {
      what: `p99 at ${FEW} callers, in memory, against p50`,
      figure: `${times(p99ToP50, 1)} (p50 / p99 ${latency("memory")})`,
      budget: { atMost: BUDGETS.p99ToP50, unit: "×", value: p99ToP50 },
    },
    { what: `SQLite at ${FEW} callers`, figure: `${rate("sqlite")}, p50 / p99 ${latency("sqlite")}` },
    { what: `SQLite at ${MANY} callers`, figure: `${rate("sqlite64")}, p50 / p99 ${latency("sqlite64")}` },
    {
      what: "processor time of a call: server + children",
      figure: `${cpu("memory")} in memory, ${cpu("sqlite64")} with SQLite`,
    },
    {
      what: "answers other than 200, calls without an answer",
      figure: String(bad.reduce((sum, one) => sum + one, 0)),
      budget: { atMost: 0, unit: "", value: Math.max(...bad) },
    },
  ];
}
