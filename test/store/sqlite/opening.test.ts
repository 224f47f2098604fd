import Database from "better-sqlite3";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { MIGRATIONS, migrate } from "../../../src/store/sqlite/schema.ts";
import { put, useFolder } from "./folder.ts";

describe("a second server on one data folder", () => {
  const { dataDir, closeAll, start } = useFolder();
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  /** Another process that works in the folder. */
  async function serveElsewhere(): Promise<ChildProcess> {
    const program = fileURLToPath(new URL("../kill-child.ts", import.meta.url));
    child = spawn(process.execPath, [program, dataDir()], { stdio: ["ignore", "pipe", "inherit"] });
    if (child.stdout) await once(child.stdout, "data");
    return child;
  }

  test("is refused with a sentence that names the folder and the process that has it", async () => {
    const { pid } = await serveElsewhere();

    const refusal = `another server (process ${pid ?? 0}) uses the data folder ${dataDir()}`;
    expect(() => start()).toThrow(refusal);
  });

  test("starts without help once the first was killed", async () => {
    const first = await serveElsewhere();
    first.kill("SIGKILL");
    await once(first, "close");

    await put(start(), "p/b/y", "1");
  });

  test("is refused in the same process as well, and starts once the first is closed", async () => {
    start();
    expect(() => start()).toThrow(`(process ${process.pid}) uses the data folder`);
    await closeAll();

    await put(start(), "p/b/y", "1");
  });
});

describe("the file", () => {
  const { dataDir, file, closeAll, start, withFile } = useFolder();

  test("of a newer program is refused, and left as it is", async () => {
    start();
    await closeAll();
    const newer = MIGRATIONS.length + 1;
    withFile((db) => db.pragma(`user_version = ${newer}`));

    expect(() => start()).toThrow(
      `has data of version ${newer}; this program knows versions up to ${MIGRATIONS.length}`,
    );
    expect(withFile((db) => db.pragma("user_version", { simple: true }))).toBe(newer);
  });

  test("of another program is refused, and left as it is", () => {
    withFile((db) => db.exec("CREATE TABLE recipes (name TEXT)"));

    expect(() => start()).toThrow("is a database of another program");
    expect(withFile((db) => db.prepare("SELECT name FROM sqlite_schema").pluck().all())).toEqual(["recipes"]);
  });

  test("that is no database is refused", () => {
    writeFileSync(file(), "Dear diary, ".repeat(1000));

    expect(() => start()).toThrow(`data folder ${dataDir()}: the database file is not a database`);
  });

  test("that was refused leaves the folder free", async () => {
    withFile((db) => db.exec("CREATE TABLE recipes (name TEXT)"));
    expect(() => start()).toThrow();
    withFile((db) => db.exec("DROP TABLE recipes"));

    await put(start(), "p/b/x", "1");
  });

  test("keeps what it holds when it is opened again", async () => {
    await put(start(), "p/b/x", "1");
    await closeAll();

    expect(await start().read(1, "p/b/x")).toBe("1");
  });
});

describe("an older file", () => {
  const steps = [
    (db: Database.Database) => db.exec("CREATE TABLE pets (name TEXT); INSERT INTO pets VALUES ('Rex')"),
    (db: Database.Database) => db.exec("ALTER TABLE pets ADD COLUMN legs INTEGER NOT NULL DEFAULT 4"),
    (db: Database.Database) => db.exec("UPDATE pets SET name = upper(name)"),
  ];
  const pets = (db: Database.Database) => db.prepare("SELECT * FROM pets").all();

  test("goes through the steps that it has not seen, and through those only", () => {
    const db = new Database(":memory:");
    migrate(db, "pets", steps.slice(0, 1));
    db.exec("INSERT INTO pets VALUES ('Tom')");
    migrate(db, "pets", steps);
    migrate(db, "pets", steps);

    expect(pets(db)).toEqual([
      { name: "REX", legs: 4 },
      { name: "TOM", legs: 4 },
    ]);
  });

  test("is as it was when one of the steps fails", () => {
    const db = new Database(":memory:");
    migrate(db, "pets", steps.slice(0, 1));
    const failing = [...steps.slice(0, 2), () => db.exec("SELECT * FROM nowhere")];

    expect(() => {
      migrate(db, "pets", failing);
    }).toThrow("nowhere");
    expect(pets(db)).toEqual([{ name: "Rex" }]);
    migrate(db, "pets", steps);
    expect(pets(db)).toEqual([{ name: "REX", legs: 4 }]);
  });
});
