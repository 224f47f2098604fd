import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreLedger } from "../../src/store/pipeline/ledger.ts";
import { breathe, ledgerOver, numberOf, type StoreHarness, type StoreKind } from "./harness.ts";

/** Two servers on one store. */
export function twoNodesContract(kind: StoreKind): void {
  describe("two nodes", () => {
    let harness: StoreHarness;
    let one: StoreLedger;
    let two: StoreLedger;
    beforeEach(async () => {
      harness = await kind.create();
      one = ledgerOver(await harness.open());
      two = ledgerOver(await harness.open());
    });
    afterEach(async () => {
      await one.close();
      await two.close();
      await harness.dispose();
    });

    const add = (node: StoreLedger, name: string) =>
      node.run(1, async (tx) => {
        const value = numberOf(await tx.get(name));
        await breathe();
        tx.set(name, String(value + 1));
        return { answer: value + 1 };
      });
    /** In a run: a plain read of another node's commit may come before that is applied. */
    const look = (node: StoreLedger, name: string) => node.run(1, async (tx) => ({ answer: await tx.get(name) }));
    const put = (node: StoreLedger, name: string, value: string) =>
      node.run(1, (tx) => {
        tx.set(name, value);
        return Promise.resolve({ answer: null });
      });

    test("count 1,000 additions to one property to exactly 1,000", async () => {
      await Promise.all(Array.from({ length: 1000 }, (_, i) => add(i % 2 === 0 ? one : two, "p/b/x")));

      expect(await look(one, "p/b/x")).toBe("1000");
      expect(await look(two, "p/b/x")).toBe("1000");
    });

    test("commit 50 copies of one key once, with one answer", async () => {
      const pay = (node: StoreLedger) =>
        node.run(
          1,
          async (tx) => {
            const value = numberOf(await tx.get("p/b/x"));
            await breathe();
            tx.set("p/b/x", String(value + 1));
            return { answer: Math.random() };
          },
          { key: "pay_1" },
        );
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => pay(i % 2 === 0 ? one : two)));

      expect(new Set(answers).size).toBe(1);
      expect(await look(one, "p/b/x")).toBe("1");
    });

    test("a run that built on a dropped run is dropped with it, one beside them is not", async () => {
      await put(one, "p/b/a", "0");
      const tries = { dropped: 0, dependant: 0, beside: 0 };
      const entered = Promise.withResolvers<undefined>();
      const chain = (name: keyof typeof tries, from: string, to: string) =>
        one.run(1, async (tx, n) => {
          tries[name] = n;
          const value = await tx.get(from);
          if (name === "dropped" && n === 1) await entered.promise;
          tx.set(to, `${value ?? "nothing"}+`);
          return { answer: null };
        });

      await put(two, "p/b/a", "1"); // the first node has not seen this yet
      const first = chain("dropped", "p/b/a", "p/b/b");
      entered.resolve(undefined);
      while (tries.dropped === 0) await Promise.resolve();
      const second = chain("dependant", "p/b/b", "p/b/c");
      const third = chain("beside", "p/b/z", "p/b/y");
      await Promise.all([first, second, third]);

      expect(tries.beside).toBe(1);
      const seen = await two.run(1, async (tx) => ({ answer: [await tx.get("p/b/b"), await tx.get("p/b/c")] }));
      expect(seen).toEqual(["1+", "1++"]);
    });

    test("a reader that stands on an old state reads again", async () => {
      await put(one, "p/b/x", "1");
      await look(one, "p/b/x");
      await put(two, "p/b/x", "2");

      expect(await look(one, "p/b/x")).toBe("2");
    });

    test("a node that slept past the end of the log that is kept still commits on top of it", async () => {
      await put(one, "p/b/x", "0");
      for (let i = 1; i <= 60; i++) await put(two, "p/b/x", String(i));

      expect(await add(one, "p/b/x")).toBe(61);
    });
  });
}
