import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreLedger } from "../../src/store/pipeline/ledger.ts";
import type { Backend } from "../../src/store/store.ts";
import { breathe, ledgerOver, numberOf, recordOf, type StoreHarness, type StoreKind } from "./harness.ts";

/** A trigger with an idempotency key commits once. */
export function onceContract(kind: StoreKind): void {
  describe("once a key", () => {
    let harness: StoreHarness;
    let store: Backend;
    let ledger: StoreLedger;
    beforeEach(async () => {
      harness = await kind.create();
      store = await harness.open();
      ledger = ledgerOver(store);
    });
    afterEach(async () => {
      await ledger.close();
      await harness.dispose();
    });

    let made = 0;
    const pay = (key: string, on: StoreLedger = ledger) =>
      on.run(
        1,
        async (tx) => {
          const paid = numberOf(await tx.get("p/b/paid"));
          await breathe();
          tx.set("p/b/paid", String(paid + 1));
          tx.task(JSON.stringify({ send: "receipt" }));
          return { answer: { receipt: ++made, text: "Thanks ✓" } };
        },
        { key },
      );

    test("50 concurrent copies of one call commit once and get one answer", async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => pay("pay_1")));

      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await ledger.read(1, "p/b/paid")).toBe("1");
      expect(await harness.tasks(1)).toHaveLength(1);
    });

    test("a later copy gets the first answer without running", async () => {
      const first = await pay("pay_1");
      const again = await ledger.run(1, () => Promise.reject(new Error("it ran")), { key: "pay_1" });

      expect(again).toEqual(first);
    });

    test("other keys and other bots are other calls", async () => {
      await pay("pay_1");
      await pay("pay_2");
      const elsewhere = await ledger.run(2, () => Promise.resolve({ answer: "ran" }), { key: "pay_1" });

      expect(elsewhere).toBe("ran");
      expect(await ledger.read(1, "p/b/paid")).toBe("2");
    });

    test("a call that failed has not used up its key", async () => {
      const failing = ledger.run(1, () => Promise.reject(new Error("no")), { key: "pay_1" });

      await expect(failing).rejects.toThrow("no");
      await pay("pay_1");
      expect(await ledger.read(1, "p/b/paid")).toBe("1");
    });

    test("a copy leaves no second record", async () => {
      const withRecord = (id: string) =>
        ledger.run(1, () => Promise.resolve({ answer: id, record: recordOf(id) }), { key: "k" });
      await withRecord("run_1");
      const answer = await withRecord("run_2");

      expect(answer).toBe("run_1");
      expect(await ledger.runRecord("run_1")).not.toBeNull();
      expect(await ledger.runRecord("run_2")).toBeNull();
    });

    test("keys whose run is old enough are forgotten, the others stay", async () => {
      let now = 1_000;
      const timed = ledgerOver(store, { now: () => now });
      for (let i = 0; i < 120; i++) await pay(`old_${i}`, timed);
      now = 2_000;
      await pay("new", timed);

      expect(await timed.expireKeys(1, 2_000)).toBe(120);
      expect([...(await timed.list(1, "k/")).keys()]).toEqual(["k/new"]);
    });

    if (kind.durable)
      test("a copy after a restart gets the first answer", async () => {
        const first = await pay("pay_1");
        await ledger.close();
        ledger = ledgerOver(await harness.open());

        expect(await pay("pay_1")).toEqual(first);
      });
  });
}
