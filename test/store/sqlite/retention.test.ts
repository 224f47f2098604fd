import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import type { LogDoc } from "../../../src/store/store.ts";
import { migrate } from "../../../src/store/sqlite/schema.ts";
import { prepareStatements } from "../../../src/store/sqlite/statements.ts";
import { recordOf } from "../harness.ts";
import { useFolder } from "./folder.ts";

describe("what the writer drops", () => {
  const idOf = (i: number) => `run_${String(i).padStart(6, "0")}`;
  function openStatements(keep: { log: number; runs: number }) {
    const db = new Database(":memory:");
    migrate(db, "memory");
    const statements = prepareStatements(db, keep);
    const heads = new Map<number, LogDoc>();
    return {
      db,
      statements,
      count: (table: string) => Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()),
      /** Commits one run with a record. */
      add(bot: number, run: number, at = 0) {
        const head = heads.get(bot);
        const seq = (head?.seq ?? 0) + 1;
        const record = { failed: false, text: JSON.stringify(recordOf(idOf(run))) };
        const entries = [{ run: idOf(run), writes: [["p/b/x", String(run)] as const], tasks: ["{}"], record }];
        const doc: LogDoc = { bot, seq, prev: head?.id ?? "", id: `doc_${bot}_${seq}`, by: "n", at, entries };
        heads.set(bot, doc);
        return statements.commit([doc]);
      },
    };
  }
  const SLACK = 64; // how often a bot is looked after

  test("the newest log documents and records of a bot stay, older ones go as new ones come", () => {
    const { add, count, db } = openStatements({ log: 100, runs: 50 });
    for (let i = 1; i <= 1000; i++) add(1, i);

    expect(count("log")).toBeGreaterThanOrEqual(100);
    expect(count("log")).toBeLessThanOrEqual(100 + SLACK);
    expect(count("runs")).toBeGreaterThanOrEqual(50);
    expect(count("runs")).toBeLessThanOrEqual(50 + SLACK);
    expect(db.prepare("SELECT max(id) FROM runs").pluck().get()).toBe(idOf(1000));
    expect(db.prepare("SELECT min(seq) FROM log").pluck().get()).toBe(1000 - count("log") + 1);
  });

  test("one bot's records do not push out another's", () => {
    const { add, db } = openStatements({ log: 100, runs: 50 });
    add(2, 1);
    for (let i = 2; i <= 500; i++) add(1, i);

    expect(db.prepare("SELECT count(*) FROM runs WHERE bot = 2").pluck().get()).toBe(1);
  });

  test("records that are old enough go a slice at a time, the others stay", () => {
    const { add, count, statements } = openStatements({ log: 10_000, runs: 10_000 });
    for (let i = 1; i <= 700; i++) add(1 + (i % 3), i, i);
    const left: number[] = [];
    while (statements.expireSlice(600)) left.push(count("runs"));

    expect(left).toEqual([500, 300, 101]);
    expect(count("runs")).toBe(101);
  });

  test("a bot is forgotten a slice at a time, but its log keeps its head", () => {
    const { add, count, db, statements } = openStatements({ log: 10_000, runs: 10_000 });
    for (let i = 1; i <= 450; i++) add(1, i);
    add(2, 451);
    statements.markForgotten(1);
    let slices = 0;
    while (statements.forgetSlice(1)) slices++;

    expect(slices).toBe(3);
    expect([count("state"), count("tasks"), count("runs")]).toEqual([1, 1, 1]); // those of the other bot
    expect(db.prepare("SELECT seq FROM log WHERE bot = 1").pluck().all()).toEqual([450]);
    expect(statements.forgotten()).toEqual([]);
  });

  test("a document that does not stand on its log's head is refused and leaves nothing", () => {
    const { add, count, statements } = openStatements({ log: 10, runs: 10 });
    add(1, 1);
    const late: LogDoc = { bot: 1, seq: 1, prev: "", id: "doc_late", by: "n", at: 0, entries: [] };
    const strange: LogDoc = { ...late, seq: 2, prev: "doc_unknown" };

    expect(statements.commit([late, strange])).toEqual([0, 1]);
    expect(count("log")).toBe(1);
  });
});

describe("a bot whose deletion was cut short", () => {
  const { closeAll, start, withFile } = useFolder();

  test("is gone some time after the next start", async () => {
    const ledger = start();
    await ledger.run(1, (tx) => {
      for (let i = 0; i < 500; i++) tx.set(`p/b/${i}`, "1");
      return Promise.resolve({ answer: null });
    });
    await closeAll();
    withFile((db) => db.exec("INSERT INTO forgotten (bot) VALUES (1)"));
    const again = start();

    await expect.poll(async () => (await again.list(1, "")).size).toBe(0);
    await expect.poll(() => withFile((db) => db.prepare("SELECT count(*) FROM forgotten").pluck().get())).toBe(0);
  });
});
