import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createDocumentStore } from "../../../src/store/mongo/document-store.ts";
import { createLedger } from "../../../src/store/pipeline/ledger.ts";
import { breakRule, MUTANTS } from "./mutants.ts";
import { type Code, playSchedule } from "./schedule.ts";

const SCHEDULES = 300;
const MUTANT_SCHEDULES = 400;
const real: Code = { createLedger, createDocumentStore };

/** Every commit plays other schedules; BOTYARD_SEED plays those of a seed again. */
function firstSeed(): number {
  const given = process.env["BOTYARD_SEED"];
  if (given !== undefined) return Number(given);
  try {
    const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", cwd: import.meta.dirname });
    return Number.parseInt(commit.slice(0, 7), 16);
  } catch {
    return 1;
  }
}
/** Seeds that once showed a fault: they are always played, and one that shows a fault now joins them. */
const seedsFile = new URL("seeds.json", import.meta.url);
const kept = JSON.parse(readFileSync(seedsFile, "utf8")) as number[];

test(`${SCHEDULES} schedules of crashes, freezes and lost replies break no promise`, async () => {
  const first = firstSeed();
  const seeds = [...kept, ...Array.from({ length: SCHEDULES }, (_, i) => first + i)];
  const bad: string[] = [];
  const caught = new Set(kept);
  let acknowledged = 0;
  for (const seed of seeds) {
    const played = await playSchedule(seed, real);
    acknowledged += played.acknowledged;
    if (played.bad.length === 0) continue;
    bad.push(`seed ${seed}: ${played.bad[0] ?? ""}`);
    caught.add(seed);
  }
  if (bad.length > 0) writeFileSync(seedsFile, `${JSON.stringify([...caught])}\n`);

  expect(bad).toEqual([]);
  expect(acknowledged).toBeGreaterThan(SCHEDULES * 10);
}, 120_000);

test.each(MUTANTS)(
  "the schedules notice when $name",
  async (mutant) => {
    const broken = await breakRule(mutant);

    let noticed = false;
    for (let seed = 1; seed <= MUTANT_SCHEDULES && !noticed; seed++)
      noticed = (await playSchedule(seed, broken)).bad.length > 0;

    expect(noticed).toBe(true);
  },
  120_000,
);
