import { expect, test } from "vitest";
import { createMemoryDatabase, createMemoryStore } from "../../../src/store/memory.ts";
import type { Node } from "../../../src/store/pipeline/bot-log.ts";
import { createOpenLogs } from "../../../src/store/pipeline/open-logs.ts";
import { breathe } from "../harness.ts";

let ids = 0;
const nodeOver = (options: { shared?: boolean; now?: () => number } = {}): Node => ({
  backend: createMemoryStore({ database: createMemoryDatabase(), shared: options.shared ?? false }),
  id: "node",
  now: options.now ?? (() => 0),
  sleep: breathe,
  newId: (kind) => `${kind}_${++ids}`,
  schedule: setImmediate,
  batchRuns: 10,
  batchBytes: 10_000,
  onError: () => undefined,
});

test("no more logs stay open than allowed, those last used stay", async () => {
  const logs = createOpenLogs(nodeOver(), 10);
  for (let bot = 1; bot <= 100; bot++) {
    await logs.get(bot);
    await logs.get(7);
  }

  expect(logs.count()).toBe(10);
  expect(logs.peek(7)).toBeDefined();
  expect(logs.peek(100)).toBeDefined();
  expect(logs.peek(50)).toBeUndefined();
});

test("a log on which a run lives stays open", async () => {
  const logs = createOpenLogs(nodeOver(), 2);
  const log = await logs.get(1);
  const open = log.begin();
  for (let bot = 2; bot <= 20; bot++) await logs.get(bot);
  expect(logs.peek(1)).toBe(log);

  log.end(open);
  for (let bot = 2; bot <= 20; bot++) await logs.get(bot);
  expect(logs.peek(1)).toBeUndefined();
});

test("a log that is asked for twice at once is opened once", async () => {
  const logs = createOpenLogs(nodeOver(), 2);
  const [one, two] = await Promise.all([logs.get(1), logs.get(1)]);

  expect(one).toBe(two);
});

test("a node of many that slept opens a log anew, and runs on the old one are stale", async () => {
  let now = 0;
  const logs = createOpenLogs(nodeOver({ shared: true, now: () => now }), 2);
  const before = await logs.get(1);
  const open = before.begin();
  open.tx.set("p/b/x", "1");
  now = 61_000;

  expect(await logs.get(1)).not.toBe(before);
  expect(await before.commit(open, "run_1")).toBe("stale");
});
