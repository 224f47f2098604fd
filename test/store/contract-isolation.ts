import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreLedger } from "../../src/store/pipeline/ledger.ts";
import type { Backend } from "../../src/store/store.ts";
import { breathe, ledgerOver, numberOf, type StoreHarness, type StoreKind } from "./harness.ts";

/** Runs of one bot behave as if they had happened one after another. */
export function isolationContract(kind: StoreKind): void {
  describe("as if alone", () => {
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

    const add = (bot: number, names: string[]) =>
      ledger.run(bot, async (tx) => {
        const values = await tx.getMany(names);
        await breathe();
        for (const [name, value] of values) tx.set(name, String(numberOf(value) + 1));
        return { answer: null };
      });
    const times = (n: number, work: (i: number) => Promise<unknown>) =>
      Promise.all(Array.from({ length: n }, (_, i) => work(i)));

    test("counts 1,000 concurrent additions to one property to exactly 1,000", async () => {
      await times(1000, () => add(1, ["p/b/x"]));

      expect(await ledger.read(1, "p/b/x")).toBe("1000");
    });

    test("counts a property of the bot exactly while 50 users have their own", async () => {
      await times(500, (i) => add(1, [`p/u/${i % 50}/n`, "p/b/total"]));

      const users = await ledger.list(1, "p/u/");
      expect(await ledger.read(1, "p/b/total")).toBe("500");
      expect([...users.values()]).toEqual(Array.from({ length: 50 }, () => "10"));
    });

    test("keeps the sum while values move between eight properties", async () => {
      await times(300, (i) =>
        ledger.run(1, async (tx) => {
          const from = `p/b/a${i % 8}`;
          const to = `p/b/a${(i * 5 + 3) % 8}`;
          const left = numberOf(await tx.get(from), 100);
          await breathe();
          const right = numberOf(await tx.get(to), 100);
          if (from !== to) {
            tx.set(from, String(left - 1));
            tx.set(to, String(right + 1));
          }
          return { answer: null };
        }),
      );

      let sum = 0;
      for (let i = 0; i < 8; i++) sum += numberOf(await ledger.read(1, `p/b/a${i}`), 100);
      expect(sum).toBe(800);
    });

    test("never lets two runs that each saw both guards leave the post together", async () => {
      await times(60, (i) =>
        ledger.run(1, async (tx) => {
          const here = numberOf(await tx.get("p/b/left"), 1) + numberOf(await tx.get("p/b/right"), 1);
          await breathe();
          const mine = i % 2 === 0 ? "p/b/left" : "p/b/right";
          tx.set(mine, here > 1 ? "0" : "1");
          return { answer: here };
        }),
      );

      const here = numberOf(await ledger.read(1, "p/b/left")) + numberOf(await ledger.read(1, "p/b/right"));
      expect(here).toBeGreaterThan(0);
    });

    test("never empties a list that every run refuses to empty", async () => {
      const seen: number[] = [];
      await times(120, (i) =>
        ledger.run(1, async (tx) => {
          const on = [...(await tx.list("p/b/on/")).keys()];
          await breathe();
          const [first] = on;
          if (on.length > 1 && first !== undefined) tx.set(first, null);
          else tx.set(`p/b/on/${i % 4}`, "1");
          return { answer: on.length };
        }),
      ).then((answers) => seen.push(...(answers as number[])));

      expect(seen.filter((n) => n === 0)).toHaveLength(1); // the very first one
      expect((await ledger.list(1, "p/b/on/")).size).toBeGreaterThan(0);
    });

    test("lets only one of many runs create what all of them miss", async () => {
      const answers = await times(40, (i) =>
        ledger.run(1, async (tx) => {
          const there = await tx.get("p/b/owner");
          await breathe();
          if (there !== null) return { answer: there };
          tx.set("p/b/owner", String(i));
          return { answer: String(i) };
        }),
      );

      expect(new Set(answers).size).toBe(1);
    });

    test("does not report a failure that stems from values which never stood together", async () => {
      const failures: unknown[] = [];
      const move = () =>
        ledger.run(1, async (tx) => {
          const a = numberOf(await tx.get("p/b/a"), 50);
          const b = numberOf(await tx.get("p/b/b"), 50);
          tx.set("p/b/a", String(a - 1));
          tx.set("p/b/b", String(b + 1));
          return { answer: null };
        });
      const audit = () =>
        ledger.run(1, async (tx) => {
          const a = numberOf(await tx.get("p/b/a"), 50);
          await breathe();
          await breathe();
          const b = numberOf(await tx.get("p/b/b"), 50);
          if (a + b !== 100) throw new Error("the books do not balance");
          return { answer: null };
        });
      await times(200, (i) => (i % 3 === 0 ? audit() : move()).catch((error: unknown) => failures.push(error)));

      expect(failures).toEqual([]);
    });

    test("reports a failure whose reads are valid as it was thrown, and keeps nothing of that run", async () => {
      const failure = new TypeError("no such thing");
      const failing = ledger.run(1, async (tx) => {
        await tx.get("p/b/x");
        tx.set("p/b/x", "1");
        tx.task("{}");
        throw failure;
      });

      await expect(failing).rejects.toBe(failure);
      expect(await ledger.read(1, "p/b/x")).toBeNull();
      expect(await harness.tasks(1)).toEqual([]);
    });

    test("shows a list either before or after a commit, never a mixture", async () => {
      await ledger.run(1, (tx) => {
        for (let i = 0; i < 10; i++) tx.set(`p/b/n${i}`, "0");
        return Promise.resolve({ answer: null });
      });
      const seen: Set<string>[] = [];
      const write = (n: number) =>
        ledger.run(1, (tx) => {
          for (let i = 0; i < 10; i++) tx.set(`p/b/n${i}`, String(n));
          return Promise.resolve({ answer: null });
        });
      const look = () =>
        ledger.run(1, async (tx) => ({ answer: new Set((await tx.list("p/b/n")).values()) })).then((s) => seen.push(s));
      await times(100, (i) => (i % 2 === 0 ? write(i) : look()));

      expect(seen.filter((values) => values.size !== 1)).toEqual([]);
    });

    test("lets a slow run through among a stream of quick ones on the same property", async () => {
      let over = false;
      const stream = times(4, async () => {
        while (!over) await add(1, ["p/b/x"]);
      });
      const slow = ledger.run(1, async (tx) => {
        const before = numberOf(await tx.get("p/b/x"));
        for (let i = 0; i < 40; i++) await breathe();
        tx.set("p/b/x", String(before + 1));
        return { answer: "through" };
      });

      await expect(slow.finally(() => (over = true))).resolves.toBe("through");
      await stream;
    });

    test("gives up with run_conflict after eight tries", async () => {
      const hasty = ledgerOver(store, { sleep: breathe });
      const seen: number[] = [];
      const hopeless = hasty.run(1, async (tx, tries) => {
        seen.push(tries);
        await tx.get("p/b/x");
        await hasty.run(1, (other) => {
          other.set("p/b/x", String(tries));
          return Promise.resolve({ answer: null });
        });
        return { answer: null };
      });

      await expect(hopeless).rejects.toMatchObject({ code: "run_conflict" });
      expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });
  });
}
