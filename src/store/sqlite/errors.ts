import Database from "better-sqlite3";
import { AppError } from "../../core/errors.ts";

/** What an operator has to know about a result code of SQLite. Codes with a longer name begin with one of these. */
const REASONS: readonly (readonly [code: string, reason: string])[] = [
  ["SQLITE_FULL", "the disk is full"],
  ["SQLITE_READONLY", "it is read-only"],
  ["SQLITE_PERM", "this user may not write there"],
  ["SQLITE_AUTH", "this user may not write there"],
  ["SQLITE_CANTOPEN", "the database file cannot be opened"],
  ["SQLITE_IOERR", "the disk reports an I/O error"],
  ["SQLITE_BUSY", "another program holds a lock on the database file"],
  ["SQLITE_LOCKED", "another program holds a lock on the database file"],
  ["SQLITE_CORRUPT", "the database file is damaged"],
  ["SQLITE_NOTADB", "the database file is not a database"],
  ["SQLITE_NOMEM", "there is no memory left"],
  ["SQLITE_PROTOCOL", "another program holds a lock on the database file"],
];

/** An error of SQLite in flat form, as it comes from the writer's thread. */
export interface SqliteFault {
  code: string;
  message: string;
}

export function faultOf(error: unknown): SqliteFault {
  if (error instanceof Database.SqliteError) return { code: error.code, message: error.message };
  return { code: "", message: error instanceof Error ? error.message : String(error) };
}

/**
 * Turns an error of SQLite into ours. Its message may reach a caller, so it says nothing of where the data lies; its
 * cause does, for the operator's log.
 */
export function storageError(fault: SqliteFault, dataDir: string): AppError {
  const reason = REASONS.find(([code]) => fault.code.startsWith(code))?.[1];
  const what = `data folder ${dataDir}: ${reason ?? "the store failed"} (${fault.code || "no code"}: ${fault.message})`;
  if (reason === undefined) return new AppError("internal_error", "the store failed", { cause: new Error(what) });
  return new AppError("storage_unavailable", `the store cannot be used: ${reason}`, { cause: new Error(what) });
}

/** Does `work` and translates what SQLite throws. */
export function translated<T>(dataDir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw storageError(faultOf(error), dataDir);
  }
}
