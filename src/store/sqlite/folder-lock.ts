import Database from "better-sqlite3";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../core/errors.ts";
import { faultOf } from "./errors.ts";

/**
 * Holds a data folder for this process. What holds it is an exclusive transaction on an empty database file: the
 * kernel ends it with the process, however that ends, so a lock is never stale. The file with the process id beside it
 * only tells a second server whom it met.
 *
 * @returns lets go of the folder
 * @throws AppError `storage_unavailable` where another process holds it, or it cannot be written
 */
export function lockFolder(dataDir: string): () => void {
  const pidFile = join(dataDir, "lock.pid");
  let db: Database.Database | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 }); // what people told bots is nobody else's business
    db = new Database(join(dataDir, "lock.sqlite"), { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    db?.close();
    const { code, message } = faultOf(error);
    if (code.startsWith("SQLITE_BUSY")) throw alreadyHeld(dataDir, pidFile);
    throw new AppError("storage_unavailable", `the data folder ${dataDir} cannot be written: ${message}`, {
      cause: error,
    });
  }
  const held = db;
  return function unlock() {
    rmSync(pidFile, { force: true });
    held.close();
  };
}

function alreadyHeld(dataDir: string, pidFile: string): AppError {
  let pid = "";
  try {
    pid = readFileSync(pidFile, "utf8").trim();
  } catch {
    // it has the lock, and has not written its id yet
  }
  const who = pid === "" ? "another server" : `another server (process ${pid})`;
  return new AppError("storage_unavailable", `${who} uses the data folder ${dataDir}; one folder serves one server`);
}
