import { writeSync } from "node:fs";
import { newId } from "../../src/core/ids.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { WriterFaults } from "../../src/store/sqlite/writer-messages.ts";
import { ledgerOver, numberOf, recordOf } from "./harness.ts";

/** What a line of this program says: a run whose caller was told that it is done. */
export interface AckedLine {
  run: string;
  key?: string;
}

const CLIENTS = 8;
const BOT = 1;

// Started as a process of its own: `kill-child.ts DATA_DIR [FAULTS]`. It works until it is killed.
const [, , dataDir = "", faults] = process.argv;
const store = createSqliteStore({
  dataDir,
  now: Date.now,
  keepRuns: 1_000_000, // so that every run can be looked for in the end
  ...(faults === undefined ? {} : { faults: JSON.parse(faults) as WriterFaults }),
});
const ledger = ledgerOver(store);

/** Every third call has a key that is used again, also by the processes after this one. */
async function call(client: number, i: number): Promise<void> {
  const run = newId("run");
  const key = i % 3 === 0 ? `k${client}-${Math.floor(i / 6)}` : undefined;
  const answer = await ledger.run(
    BOT,
    async (tx) => {
      tx.set("p/b/x", String(numberOf(await tx.get("p/b/x")) + 1));
      tx.set(`p/b/last${client}`, JSON.stringify(run));
      tx.task(JSON.stringify({ run }));
      return { answer: run, record: recordOf(run) };
    },
    key === undefined ? { run } : { run, key },
  );
  const line: AckedLine = key === undefined ? { run: answer } : { run: answer, key };
  writeSync(1, `${JSON.stringify(line)}\n`); // at once: what is buffered dies with the process
}

writeSync(1, "up\n");
await Promise.all(
  Array.from({ length: CLIENTS }, async (_, client) => {
    for (let i = 0; ; i++) await call(client, i);
  }),
);
