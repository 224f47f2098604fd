import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds } from "../processes.ts";
import { quantile, median } from "../stats.ts";
import { checkAll } from "../stage.ts";
import type { Subject } from "../subject.ts";
import type { Findings, PartDeps } from "./part.ts";

const KILLS = 10;
const LOOK_MS = 40;
const LOOKS = 50;
const BUSY_SECONDS = 0.03; // of processor time between two looks: no idle child uses so much
/** Until new children stand: the next kill must not meet them while they start. */
const SETTLE_MS = 700;
const GIVE_UP_MS = 10_000;
const BUDGET_MS = 200;

/**
 * Kills children with SIGKILL and times the next answer. First the child that runs a script, while another run of the same
 * user waits behind it: the warm spare takes over. Then all children at once, the spare included: new ones must start.
 */
export async function measureRespawn({ stage, tell }: PartDeps): Promise<Findings> {
  const subject = await stage.subject("memory");
  await checkAll([subject]);
  const busyMs: number[] = [];
  const allMs: number[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    tell(`kill ${kill} of ${KILLS}`);
    busyMs.push(await killBusy(subject));
    await sleep(SETTLE_MS);
    allMs.push(await killAll(subject));
    await sleep(SETTLE_MS);
  }
  const words = (list: number[]): string => `${median(list).toFixed(0)} ms (worst ${quantile(list, 1).toFixed(0)} ms)`;
  return {
    rows: [
      {
        what: "the busy child killed, to the next result (a spare takes over)",
        figure: words(busyMs),
        budget: { atMost: BUDGET_MS, unit: "ms", value: median(busyMs) },
      },
      {
        what: "all children killed, spare included, to the next result (a new one starts)",
        figure: words(allMs),
      },
    ],
    figures: { busyMs, allMs },
  };
}

async function killBusy(subject: Subject): Promise<number> {
  const { base, busyPath = "", paths } = subject;
  const killed = fetch(base + busyPath);
  const pid = await busyChild(subject);
  const next = fetch(base + (paths[0] ?? "")); // the same user's: it waits until the busy one has ended
  await sleep(LOOK_MS);
  const start = performance.now();
  process.kill(pid, "SIGKILL");
  const { status } = await next;
  const ms = performance.now() - start;
  const lost = await killed;
  if (status !== 200 || lost.status !== 503)
    throw new Error(`after a kill the killed run answers ${lost.status} and the next one ${status}`);
  return ms;
}

async function busyChild({ childPids }: Subject): Promise<number> {
  for (let look = 0; look < LOOKS; look++) {
    const before = new Map((await childPids()).map((pid) => [pid, cpuSeconds(pid).own]));
    await sleep(LOOK_MS);
    for (const [pid, seconds] of before) if (cpuSeconds(pid).own - seconds >= BUSY_SECONDS) return pid;
  }
  throw new Error("no child is busy, though a script runs");
}

async function killAll({ base, paths, childPids }: Subject): Promise<number> {
  const pids = await childPids();
  const start = performance.now();
  for (const pid of pids) process.kill(pid, "SIGKILL");
  while (performance.now() - start < GIVE_UP_MS) {
    const { status } = await fetch(base + (paths[0] ?? "")); // 503 where the run met a child that was just dying
    if (status === 200) return performance.now() - start;
  }
  throw new Error("no result came after all children were killed");
}
