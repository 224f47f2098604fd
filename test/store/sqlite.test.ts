import Database from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { storeContract } from "./contract.ts";

storeContract({
  name: "SQLite",
  shared: false,
  durable: true,
  create() {
    const dataDir = mkdtempSync(join(tmpdir(), "botyard-store-"));
    return {
      open: () => createSqliteStore({ dataDir, now: Date.now }),
      tasks(bot) {
        const db = new Database(join(dataDir, "botyard.sqlite"), { readonly: true });
        try {
          return db
            .prepare<[number], { run: string; body: string }>(
              "SELECT run, body FROM tasks WHERE bot = ? ORDER BY seq, entry, place",
            )
            .all(bot);
        } finally {
          db.close();
        }
      },
      dispose() {
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  },
});
