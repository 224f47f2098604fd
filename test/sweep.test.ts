import { expect, test } from "vitest";
import { YARD } from "../src/core/state-keys.ts";
import { createSweep } from "../src/sweep.ts";
import { code, createYard } from "./catalog/yard.ts";

const DAY = 24 * 60 * 60 * 1_000;

test("idempotency keys are let go of after thirty days, in the yard's log and in the bots', and not before", async () => {
  const { catalog, ledger, now, pass } = createYard();
  const sweep = createSweep({ bots: catalog.bots, expireKeys: ledger.expireKeys, now, log: () => undefined });
  const bot = await catalog.storeBot(code([]), undefined, { once: { key: "k", print: "p" } });
  await catalog.addUser(bot.id, {}, { once: { key: "l", print: "p" } });
  const keys = async () => [...(await ledger.list(YARD, "k/")).keys(), ...(await ledger.list(bot.id, "k/")).keys()];

  pass(30 * DAY);
  await sweep();
  const before = await keys();
  pass(1);
  await sweep();

  expect(before).toEqual(["k/k", "k/k", "k/l"]);
  expect(await keys()).toEqual([]);
});

test("a store that is away ends a sweep with a line in the log, and nothing else", async () => {
  const logs: Record<string, unknown>[] = [];
  const away = () => Promise.reject(new Error("away"));

  await createSweep({ bots: away, expireKeys: away, now: () => 0, log: (line) => logs.push(line) })();

  expect(logs).toMatchObject([{ event: "sweep.failed", error: "away" }]);
});
