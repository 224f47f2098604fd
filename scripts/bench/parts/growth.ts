import { load } from "../load.ts";
import { residentMb } from "../processes.ts";
import { megabytes } from "../report.ts";
import { checkAll } from "../stage.ts";
import { slope } from "../stats.ts";
import type { Subject } from "../subject.ts";
import type { Findings, PartDeps } from "./part.ts";

const CALLERS = 10;
const RUNS = 20_000;
const STEP = 2_000;
const WARM_UP_STEPS = 2; // so long a fresh process still grows into its work
const BUDGETS = { serverMb: 120, childMb: 90 };
/** Flat: the line through the steps rises by no more than this share of where it begins. */
const FLAT = 0.1;

interface Reading {
  runs: number;
  serverMb: number;
  childrenMb: number[];
}

/** Memory at rest, then over 20,000 runs with SQLite: of the server's process, and of its children. */
export async function measureGrowth({ stage, tell }: PartDeps): Promise<Findings> {
  const subject = await stage.subject("growing");
  const atRest = await readMemory(subject, 0);
  await checkAll([subject]);
  const warmUp: Reading[] = [];
  const steps: Reading[] = [];
  for (let step = 0; step <= WARM_UP_STEPS + RUNS / STEP; step++) {
    const runs = step * STEP;
    if (step > 0) await load(subject, { callers: CALLERS, calls: STEP });
    const reading = await readMemory(subject, runs);
    tell(`${runs} runs: server ${megabytes(reading.serverMb)}, largest child ${megabytes(largest(reading))}`);
    (step < WARM_UP_STEPS ? warmUp : steps).push(reading);
  }
  return { rows: rowsOf(atRest, steps), figures: { atRest, warmUp, steps } };
}

async function readMemory({ pid, childPids }: Subject, runs: number): Promise<Reading> {
  return { runs, serverMb: residentMb(pid), childrenMb: (await childPids()).map(residentMb) };
}

function largest({ childrenMb }: Reading): number {
  return Math.max(...childrenMb);
}

function rowsOf(atRest: Reading, steps: readonly Reading[]): Findings["rows"] {
  const last = steps.at(-1) ?? atRest;
  const server = rise(steps.map(({ runs, serverMb }) => ({ x: runs, y: serverMb })));
  const child = rise(steps.map((one) => ({ x: one.runs, y: largest(one) })));
  const highest = Math.max(...steps.map(largest));
  const runs = RUNS.toLocaleString("en");
  const line = ({ from, by }: { from: number; by: number }): string =>
    `${megabytes(from)} ${by < 0 ? "−" : "+"} ${Math.abs(by).toFixed(1)} MB`;
  return [
    {
      what: "resident memory of the server at rest",
      figure: `${megabytes(atRest.serverMb)} (after ${runs} runs ${megabytes(last.serverMb)})`,
      budget: { atMost: BUDGETS.serverMb, unit: "MB", value: atRest.serverMb },
    },
    {
      what: "resident memory of each child at rest",
      figure: `${megabytes(largest(atRest))} (largest seen under load ${megabytes(highest)})`,
      budget: { atMost: BUDGETS.childMb, unit: "MB", value: largest(atRest) },
    },
    {
      what: `growth over ${runs} runs, SQLite: line through the steps, server; largest child`,
      figure: `${line(server)}; ${line(child)}`,
      budget: { atMost: FLAT, unit: "× of its start", value: Math.max(server.by / server.from, child.by / child.from) },
    },
  ];
}

/** Where the line through the points begins, and by how much it rises until it ends. */
function rise(points: readonly { x: number; y: number }[]): { from: number; by: number } {
  const by = slope(points) * ((points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0));
  const mean = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  return { from: mean - by / 2, by }; // the line goes through the middle of evenly spaced points
}
