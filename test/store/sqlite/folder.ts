import Database from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { StoreLedger } from "../../../src/store/pipeline/ledger.ts";
import { createSqliteStore, type SqliteStoreOptions } from "../../../src/store/sqlite/sqlite-store.ts";
import { ledgerOver } from "../harness.ts";

/** A data folder for each test, and what was opened in it is closed afterwards. */
export function useFolder() {
  let dataDir = "";
  let open: StoreLedger[] = [];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "botyard-sqlite-"));
  });
  async function closeAll() {
    for (const ledger of open) await ledger.close();
    open = [];
  }
  afterEach(async () => {
    await closeAll();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const file = () => join(dataDir, "botyard.sqlite");
  return {
    dataDir: () => dataDir,
    file,
    closeAll,
    start(options: Partial<SqliteStoreOptions> = {}): StoreLedger {
      const ledger = ledgerOver(createSqliteStore({ dataDir, now: Date.now, ...options }));
      open.push(ledger);
      return ledger;
    },
    /** Looks into the file, or changes it, on a connection of its own. */
    withFile<T>(work: (db: Database.Database) => T): T {
      const db = new Database(file());
      try {
        return work(db);
      } finally {
        db.close();
      }
    },
  };
}

/** Writes one value in a run of its own. */
export function put(ledger: StoreLedger, key: string, value: string, bot = 1): Promise<null> {
  return ledger.run(bot, (tx) => {
    tx.set(key, value);
    return Promise.resolve({ answer: null });
  });
}
