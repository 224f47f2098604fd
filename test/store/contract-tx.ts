import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Tx } from "../../src/core/ledger.ts";
import type { StoreLedger } from "../../src/store/pipeline/ledger.ts";
import { ledgerOver, type StoreHarness, type StoreKind } from "./harness.ts";

/** What a run sees, and which of it counts as read. */
export function txContract(kind: StoreKind): void {
  describe("reads and writes of a run", () => {
    let harness: StoreHarness;
    let ledger: StoreLedger;
    beforeEach(async () => {
      harness = await kind.create();
      ledger = ledgerOver(await harness.open());
    });
    afterEach(async () => {
      await ledger.close();
      await harness.dispose();
    });

    const put = (values: Record<string, string | null>) =>
      ledger.run(1, (tx) => {
        for (const [key, value] of Object.entries(values)) tx.set(key, value);
        return Promise.resolve({ answer: null });
      });
    /** Runs `first`, lets another run write `p/b/x`, then `then`; tells how often that took. */
    async function triesAround(first: (tx: Tx) => Promise<unknown>, then: (tx: Tx) => void = () => undefined) {
      return ledger.run(1, async (tx, tries) => {
        await first(tx);
        if (tries === 1) await put({ "p/b/x": "changed" });
        then(tx);
        tx.set("p/b/other", "1");
        return { answer: tries };
      });
    }

    test("a value that was read must not change", async () => {
      expect(await triesAround((tx) => tx.get("p/b/x"))).toBe(2);
      expect(await triesAround((tx) => tx.getMany(["p/b/y", "p/b/x"]))).toBe(2);
    });

    test("a missing value that was read must not appear", async () => {
      const tries = await ledger.run(1, async (tx, tries) => {
        expect(await tx.get("p/b/new")).toBe(tries === 1 ? null : "1");
        if (tries === 1) await put({ "p/b/new": "1" });
        tx.set("p/b/y", "1");
        return { answer: tries };
      });

      expect(tries).toBe(2);
    });

    test("a listed prefix must not gain or change a name, others may", async () => {
      expect(await triesAround((tx) => tx.list("p/b/"))).toBe(2);
      expect(await triesAround((tx) => tx.list("p/b/x"))).toBe(2);
      expect(await triesAround((tx) => tx.list("p/u/"))).toBe(1);
    });

    test("a prefetched value may change while nobody touches it", async () => {
      expect(await triesAround((tx) => tx.prefetch(["p/b/x"]))).toBe(1);
    });

    test("a prefetched value that is touched later counts from the prefetch on", async () => {
      const tries = await triesAround(
        (tx) => tx.prefetch(["p/b/x", "p/b/y"]),
        (tx) => {
          tx.touch("p/b/x");
        },
      );

      expect(tries).toBe(2);
    });

    test("touching what was never prefetched is refused", async () => {
      const touching = ledger.run(1, (tx) => {
        tx.touch("p/b/x");
        return Promise.resolve({ answer: null });
      });

      await expect(touching).rejects.toThrow("not prefetched");
    });

    test("a run sees its own writes in every way of reading", async () => {
      await put({ "p/b/a": "1", "p/b/b": "2", "p/b/c": "3" });
      const seen = await ledger.run(1, async (tx) => {
        tx.set("p/b/a", "10");
        tx.set("p/b/b", null);
        tx.set("p/b/d", "4");
        tx.touch("p/b/d");
        const many = await tx.getMany(["p/b/a", "p/b/b", "p/b/c"]);
        const fetched = await tx.prefetch(["p/b/d", "p/b/b"]);
        const list = await tx.list("p/b/");
        return { answer: { one: await tx.get("p/b/a"), many: [...many], fetched: [...fetched], list: [...list] } };
      });

      expect(seen).toEqual({
        one: "10",
        many: Object.entries({ "p/b/a": "10", "p/b/b": null, "p/b/c": "3" }),
        fetched: Object.entries({ "p/b/d": "4", "p/b/b": null }),
        list: Object.entries({ "p/b/a": "10", "p/b/c": "3", "p/b/d": "4" }),
      });
    });

    test("writing without reading never conflicts", async () => {
      const tries: number[] = [];
      await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          ledger.run(1, (tx, n) => {
            tries.push(n);
            tx.set("p/b/x", String(i));
            return Promise.resolve({ answer: null });
          }),
        ),
      );

      expect(tries).toEqual(Array.from({ length: 50 }, () => 1));
    });

    test("the last write of a name in one run counts, and so does the last run of one batch", async () => {
      const write = (values: (string | null)[]) =>
        ledger.run(1, (tx) => {
          for (const value of values) tx.set("p/b/x", value);
          return Promise.resolve({ answer: null });
        });
      await Promise.all([write(["1", "2"]), write(["3", null]), write(["4", "5"])]);

      expect(await ledger.read(1, "p/b/x")).toBe("5");
    });

    test("a deleted name is missing, and can be made anew", async () => {
      await put({ "p/b/x": "1" });
      await Promise.all([put({ "p/b/x": null }), put({ "p/b/y": "2" })]);
      expect(await ledger.read(1, "p/b/x")).toBeNull();
      expect(await ledger.list(1, "p/b/")).toEqual(new Map([["p/b/y", "2"]]));

      await put({ "p/b/x": "3" });
      expect(await ledger.read(1, "p/b/x")).toBe("3");
    });

    test("a try that conflicted leaves no task behind", async () => {
      await ledger.run(1, async (tx, tries) => {
        await tx.get("p/b/x");
        tx.task(JSON.stringify({ tries }));
        if (tries === 1) await put({ "p/b/x": "1" });
        return { answer: null };
      });

      expect((await harness.tasks(1)).map(({ body }) => body)).toEqual(['{"tries":2}']);
    });

    test("a lone surrogate is no name: it cannot be set, and nothing has it", async () => {
      const half = "p/b/\ud83d";
      const setting = ledger.run(1, (tx) => {
        tx.set(half, "1");
        return Promise.resolve({ answer: null });
      });

      await expect(setting).rejects.toMatchObject({ code: "field_invalid" });
      expect(await ledger.run(1, async (tx) => ({ answer: await tx.get(half) }))).toBeNull();
    });
  });
}
