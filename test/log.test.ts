import { expect, test } from "vitest";
import { createLog } from "../src/log.ts";

function linesOf(use: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  use(createLog("info", { write: (line) => void written.push(line) }));
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a line is JSON with its level, its time and what was said", () => {
  const [line] = linesOf((log) => {
    log.info({ event: "run.done", run: "run_1", durationMs: 3 });
  });

  expect(line).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    event: "run.done",
    run: "run_1",
    durationMs: 3,
  });
});

test("what is below the level is not written", () => {
  expect(
    linesOf((log) => {
      log.debug("x");
    }),
  ).toEqual([]);
});

test("secrets are struck out at the top and one step down", () => {
  const lines = linesOf((log) => {
    log.info({ token: "hunter2", headers: { authorization: "Bearer hunter2" }, config: { SECRET_KEY: "hunter2" } });
  });

  expect(JSON.stringify(lines)).not.toContain("hunter2");
});
