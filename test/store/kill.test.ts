import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { playKillRounds } from "./kill-rounds.ts";

describe("a server on SQLite that is killed under load", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "botyard-kill-"));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });
  const clean = { lost: 0, tasksWrong: 0, counterOff: 0, keysWithTwoAnswers: 0 };

  test("loses no acknowledged run and does none twice, and starts again without help", async () => {
    const report = await playKillRounds({ dataDir, rounds: 5, lifeMs: () => 10 + Math.random() * 150 });

    expect(report).toMatchObject(clean);
    expect(report.acknowledged).toBeGreaterThan(0);
    expect(report.committed).toBeGreaterThanOrEqual(report.acknowledged);
  }, 60_000);

  test.each(["before-commit", "after-commit"] as const)(
    "keeps its word when it dies %s",
    async (at) => {
      const faults = (round: number) => ({ die: { at, commit: 3 + 4 * round, what: "process" as const } });
      const report = await playKillRounds({ dataDir, rounds: 3, lifeMs: () => 0, faults });

      expect(report).toMatchObject(clean);
      expect(report.committed).toBeGreaterThan(0);
    },
    60_000,
  );
});
