import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreLedger } from "../../src/store/pipeline/ledger.ts";
import type { Backend } from "../../src/store/store.ts";
import { ledgerOver, recordOf, type StoreHarness, type StoreKind } from "./harness.ts";

const MB = 1024 * 1024;

/** What goes in comes out, and nothing grows without a bound. */
export function dataContract(kind: StoreKind): void {
  describe("what it keeps", () => {
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

    const put = (bot: number, values: Iterable<[string, string | null]>) =>
      ledger.run(bot, (tx) => {
        for (const [key, value] of values) tx.set(key, value);
        return Promise.resolve({ answer: null });
      });

    const odd = ["", ".", "$gt", "a.b", "$", "__proto__", "nul\0nul", "Ünï", "😀", "\uffff", "%_", "'\"", " "];

    test("every name comes back as it was, alone and in lists, in the order of names", async () => {
      const values = odd.map((name, i): [string, string] => [`p/b/${name}`, JSON.stringify({ i, name })]);
      await put(1, values);

      for (const [key, value] of values) expect(await ledger.read(1, key)).toBe(value);
      const sorted = values.toSorted(([a], [b]) => (a < b ? -1 : 1));
      expect([...(await ledger.list(1, "p/b/"))]).toEqual(sorted);
      expect(await ledger.run(1, async (tx) => ({ answer: [...(await tx.list("p/b/"))] }))).toEqual(sorted);
      expect(await ledger.list(1, "p/b/😀")).toEqual(new Map([["p/b/😀", JSON.stringify({ i: 8, name: "😀" })]]));
    });

    test("a list holds what starts with its prefix and nothing else", async () => {
      await put(
        1,
        [..."/0", "/", "/\uffff\uffff", "0", ".z"].map((tail) => [`p${tail}`, "1"]),
      );
      await put(2, [["p/other bot", "1"]]);

      expect([...(await ledger.list(1, "p/")).keys()]).toEqual(["p/", "p/\uffff\uffff"]);
      expect((await ledger.list(1, "")).size).toBe(4);
    });

    test("values are kept to the letter", async () => {
      const texts = ["9007199254740993", "1e400", "-0", '"\\ud800"', '{"b":1,"a":2}', JSON.stringify("x".repeat(MB))];
      await put(
        1,
        texts.map((text, i) => [`p/b/${i}`, text]),
      );

      expect([...(await ledger.list(1, "p/b/")).values()]).toEqual(texts);
    });

    test("runs that are more than one document holds together are split, in order", async () => {
      const small = ledgerOver(store, { batchBytes: MB, batchRuns: 7 });
      const write = (i: number) =>
        small.run(1, async (tx) => {
          const before = (await tx.get("p/b/order")) ?? "";
          tx.set("p/b/order", `${before}${i},`);
          tx.set(`p/b/v${i}`, JSON.stringify("x".repeat(i % 5 === 0 ? 500_000 : 10)));
          return { answer: null };
        });
      await Promise.all(Array.from({ length: 40 }, (_, i) => write(i)));

      const order = (await small.read(1, "p/b/order"))?.split(",").filter((text) => text !== "") ?? [];
      expect(new Set(order).size).toBe(40);
      expect((await small.list(1, "p/b/v")).size).toBe(40);
    });

    test("a run that is more than a document holds is refused, and those beside it are not", async () => {
      const huge = put(1, [["p/b/huge", JSON.stringify("ü".repeat(9 * MB))]]);
      const beside = put(1, [["p/b/beside", "1"]]);

      await expect(huge).rejects.toMatchObject({ code: "limit_bytes" });
      await beside;
      expect([...(await ledger.list(1, "p/b/")).keys()]).toEqual(["p/b/beside"]);
    });

    test("a run that only leaves a record is durable when it is answered", async () => {
      const record = recordOf("run_1", { state: "failed", answer: null });
      await ledger.run(1, () => Promise.resolve({ answer: null, record }));

      expect(await ledger.runRecord("run_1")).toEqual(record);
      expect(await ledger.runRecord("run_2")).toBeNull();
    });

    test("records are found by bot, by failure and by what came before, newest first", async () => {
      for (let i = 1; i <= 6; i++)
        await ledger.run(i % 2, () =>
          Promise.resolve({
            answer: null,
            record: recordOf(`run_${i}`, { bot_id: (i % 2) + 1, state: i % 3 === 0 ? "failed" : "done" }),
          }),
        );
      const ids = async (query: { bot?: number; failed?: boolean; before?: string; limit?: number }) =>
        (await ledger.runRecords({ limit: 10, ...query })).map(({ id }) => id);

      expect(await ids({})).toEqual(["run_6", "run_5", "run_4", "run_3", "run_2", "run_1"]);
      expect(await ids({ bot: 1 })).toEqual(["run_5", "run_3", "run_1"]);
      expect(await ids({ failed: true })).toEqual(["run_6", "run_3"]);
      expect(await ids({ bot: 0, failed: false })).toEqual(["run_4", "run_2"]);
      expect(await ids({ bot: 1, failed: true })).toEqual(["run_3"]);
      expect(await ids({ before: "run_4", limit: 2 })).toEqual(["run_3", "run_2"]);
    });

    test("tasks of a run are there as soon as it is answered, under its id", async () => {
      await ledger.run(
        1,
        (tx) => {
          tx.task('{"send":1}');
          tx.task('{"send":2}');
          return Promise.resolve({ answer: null });
        },
        { run: "run_7" },
      );

      expect(await harness.tasks(1)).toEqual([
        { run: "run_7", body: '{"send":1}' },
        { run: "run_7", body: '{"send":2}' },
      ]);
    });

    test("a forgotten bot has no values, tasks and records, and its log goes on", async () => {
      await put(2, [["p/b/x", "2"]]);
      for (let i = 0; i < 5; i++)
        await ledger.run(1, (tx) => {
          for (let j = 0; j < 100; j++) tx.set(`p/b/${i}-${j}`, "1");
          tx.task("{}");
          return Promise.resolve({ answer: null, record: recordOf(`run_${i}`) });
        });
      await put(1, [["b/meta", null]]);
      await ledger.forget(1);

      expect((await ledger.list(1, "")).size).toBe(0);
      expect(await ledger.runRecords({ bot: 1, limit: 10 })).toEqual([]);
      expect(await harness.tasks(1)).toEqual([]);
      expect(await ledger.read(2, "p/b/x")).toBe("2");
      await put(1, [["p/b/again", "1"]]);
      expect(await ledger.read(1, "p/b/again")).toBe("1");
    });

    test("a bot deleted while its run goes on makes that run start again", async () => {
      await put(1, [["b/meta", "{}"]]);
      const seen = await ledger.run(1, async (tx, tries) => {
        const meta = await tx.get("b/meta");
        if (tries === 1) {
          await put(1, [["b/meta", null]]);
          await ledger.forget(1);
        }
        if (meta !== null) tx.set("p/b/late", "1");
        return { answer: { tries, meta } };
      });

      expect(seen).toEqual({ tries: 2, meta: null });
      expect((await ledger.list(1, "")).size).toBe(0);
    });

    test("many bots do not stay open, and each goes on where it was", async () => {
      const few = ledgerOver(store, { openLogs: 3 });
      for (let round = 0; round < 3; round++)
        for (let bot = 1; bot <= 12; bot++)
          await few.run(bot, async (tx) => {
            const n = Number((await tx.get("p/b/n")) ?? 0);
            tx.set("p/b/n", String(n + 1));
            return { answer: null };
          });

      for (let bot = 1; bot <= 12; bot++) expect(await few.read(bot, "p/b/n")).toBe("3");
    });

    test("what waits when the ledger is closed is still committed, what comes later is refused", async () => {
      const waiting = Promise.all(Array.from({ length: 20 }, (_, i) => put(1, [[`p/b/${i}`, "1"]])));
      await new Promise((done) => setImmediate(done));
      await ledger.close();

      await waiting;
      await expect(put(1, [["p/b/late", "1"]])).rejects.toMatchObject({ code: "shutting_down" });
      ledger = ledgerOver(await harness.open());
      if (kind.durable) expect((await ledger.list(1, "p/b/")).size).toBe(20);
    });
  });
}
