import type Database from "better-sqlite3";
import { AppError } from "../../core/errors.ts";

/** "BOTY" in the file's header: SQLite's own field for whose file it is. */
const APPLICATION_ID = 0x424f5459;

/** Changes a file of one version into the next one. */
export type Migration = (db: Database.Database) => void;

/** The step at index n makes version n + 1 of version n. Steps that were once released are never changed. */
export const MIGRATIONS: readonly Migration[] = [
  (db) =>
    db.exec(`
      CREATE TABLE log (bot INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, prev TEXT NOT NULL,
        by TEXT NOT NULL, at INTEGER NOT NULL, entries TEXT NOT NULL) STRICT;
      CREATE UNIQUE INDEX log_place ON log (bot, seq);
      CREATE TABLE state (bot INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (bot, key)) STRICT, WITHOUT ROWID;
      CREATE TABLE tasks (bot INTEGER NOT NULL, seq INTEGER NOT NULL, entry INTEGER NOT NULL, place INTEGER NOT NULL,
        run TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (bot, seq, entry, place)) STRICT, WITHOUT ROWID;
      CREATE TABLE runs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, bot INTEGER NOT NULL,
        failed INTEGER NOT NULL, at INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
      CREATE INDEX runs_of_bot ON runs (bot, id);
      CREATE INDEX runs_failed ON runs (bot, id) WHERE failed = 1;
      CREATE INDEX runs_failed_of_all ON runs (id) WHERE failed = 1;
      CREATE TABLE forgotten (bot INTEGER PRIMARY KEY) STRICT;
    `),
];

/**
 * Brings a file to the newest version, all steps in one transaction. An empty file becomes ours.
 *
 * @param migrations another list of steps, for tests
 * @throws AppError `storage_unavailable` where the file is not ours, or newer than this code
 */
export function migrate(db: Database.Database, file: string, migrations: readonly Migration[] = MIGRATIONS): void {
  const upgrade = db.transaction(() => {
    const owner = readNumber(db, "application_id");
    const version = readNumber(db, "user_version");
    const tables = db.prepare<[], { n: number }>("SELECT count(*) AS n FROM sqlite_schema").get()?.n ?? 0;
    if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0))
      throw new AppError("storage_unavailable", `${file} is a database of another program; it was left as it is`);
    if (version > migrations.length) {
      const what = `${file} has data of version ${version}; this program knows versions up to ${migrations.length}`;
      throw new AppError("storage_unavailable", `${what}: start the newer program`);
    }
    for (const step of migrations.slice(version)) step(db);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  });
  upgrade.immediate();
}

function readNumber(db: Database.Database, pragma: "application_id" | "user_version"): number {
  const value = db.pragma(pragma, { simple: true });
  return typeof value === "number" ? value : 0;
}
