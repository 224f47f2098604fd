import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AppError } from "../../../src/core/errors.ts";
import { recordOf } from "../harness.ts";
import { put, useFolder } from "./folder.ts";

const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

describe("the writer's thread dies", () => {
  const { start } = useFolder();

  test("before COMMIT: the run is refused, nothing of it stays, and the next one is committed", async () => {
    const ledger = start({ faults: { die: { at: "before-commit", commit: 2, what: "thread" } } });
    await put(ledger, "p/b/first", "1");

    await expect(put(ledger, "p/b/second", "1")).rejects.toMatchObject({ code: "storage_unavailable" });
    await put(ledger, "p/b/third", "1");
    expect([...(await ledger.list(1, "p/b/")).keys()]).toEqual(["p/b/first", "p/b/third"]);
  });

  test("after COMMIT, before its reply: the run is found in the file and acknowledged, once", async () => {
    const ledger = start({ faults: { die: { at: "after-commit", commit: 2, what: "thread" } } });
    const add = (id: string) =>
      ledger.run(1, async (tx) => {
        const value = Number((await tx.get("p/b/x")) ?? 0);
        tx.set("p/b/x", String(value + 1));
        return { answer: value + 1, record: recordOf(id) };
      });

    expect(await add("run_1")).toBe(1);
    expect(await add("run_2")).toBe(2);
    expect(await add("run_3")).toBe(3);
    expect((await ledger.runRecords({ limit: 10 })).map(({ id }) => id)).toEqual(["run_3", "run_2", "run_1"]);
  });

  test("with many bots in one transaction: all of them are committed, or none", async () => {
    const ledger = start({ faults: { die: { at: "before-commit", commit: 2, what: "thread" } } });
    await put(ledger, "p/b/x", "1");
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => caught(put(ledger, "p/b/y", "1", i + 1))));

    const codes = outcomes.map((outcome) => (outcome instanceof AppError ? outcome.code : outcome));
    expect(new Set(codes)).toEqual(new Set(["storage_unavailable"]));
    for (let bot = 1; bot <= 10; bot++) expect(await ledger.read(bot, "p/b/y")).toBeNull();
  });
});

describe("the data folder", () => {
  const { dataDir, start, closeAll, withFile } = useFolder();

  test("is full: runs are refused with a reason, reads go on, and all is well once there is room", async () => {
    let ledger = start();
    await put(ledger, "p/b/x", "1");
    await closeAll();
    const pages = withFile((db) => {
      db.exec("CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(2000000))");
      return Number(db.pragma("page_count", { simple: true }));
    });
    ledger = start({ faults: { pragmas: [`max_page_count = ${pages}`] } });
    const big = JSON.stringify("x".repeat(100_000));

    const error = await caught(put(ledger, "p/b/big", big));
    expect(error).toMatchObject({ code: "storage_unavailable", message: "the store cannot be used: the disk is full" });
    expect(error).toMatchObject({ cause: { message: expect.stringContaining(dataDir()) as string } });
    expect(await ledger.read(1, "p/b/x")).toBe("1");

    withFile((db) => db.exec("DROP TABLE ballast"));
    await put(ledger, "p/b/big", big);
    expect(await ledger.read(1, "p/b/big")).toBe(big);
  });

  test("is read-only: runs are refused with a reason that names no path, reads go on", async () => {
    await put(start(), "p/b/x", "1");
    await closeAll();
    const ledger = start({ faults: { pragmas: ["query_only = 1"] } });

    const error = await caught(put(ledger, "p/b/x", "2"));
    expect(error).toMatchObject({ code: "storage_unavailable", message: "the store cannot be used: it is read-only" });
    expect(await ledger.read(1, "p/b/x")).toBe("1");
  });

  test("is a file: the start is refused with its name", () => {
    const blocked = join(dataDir(), "blocked");
    writeFileSync(blocked, "");

    expect(() => start({ dataDir: blocked })).toThrow(`the data folder ${blocked} cannot be written`);
  });
});
