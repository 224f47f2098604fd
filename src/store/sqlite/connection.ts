import Database from "better-sqlite3";

const BUSY_MS = 5_000; // a backup tool may hold the file for a moment
const READ_BUSY_MS = 100; // readers hardly ever wait, and while they do the main thread stands still
const CHECKPOINT_PAGES = 2_000; // 8 MB of the log beside the file before it is written back
const LOG_BYTES = 64 * 1024 * 1024; // to this the log is cut after a burst
const CACHE_KB = 16 * 1024;

/** The one connection that writes. A commit is on the disk (fsync) before it returns. */
export function openWriting(file: string): Database.Database {
  const db = new Database(file, { timeout: BUSY_MS });
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma(`journal_size_limit = ${LOG_BYTES}`);
  db.pragma(`cache_size = -${CACHE_KB}`);
  return db;
}

/** A connection that only reads. It never waits for the writer, and sees what is committed. */
export function openReading(file: string): Database.Database {
  const db = new Database(file, { timeout: READ_BUSY_MS, fileMustExist: true });
  db.pragma("query_only = 1");
  db.pragma(`cache_size = -${CACHE_KB}`);
  return db;
}
