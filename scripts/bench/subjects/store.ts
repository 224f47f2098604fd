// The store alone, and beside it what SQLite itself gives for one insert a transaction, in the folder that is named.
import { join } from "node:path";
import Database from "better-sqlite3";
import { newId } from "../../../src/core/ids.ts";
import type { RunRecord } from "../../../src/core/run-record.ts";
import { stateKeys } from "../../../src/core/state-keys.ts";
import { createLedger } from "../../../src/store/pipeline/ledger.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { quantile } from "../stats.ts";
import { answerBench } from "./answer-bench.ts";

const [, , dataDir = ""] = process.argv;
const BOT = 1;

const ledger = createLedger({
  store: createSqliteStore({ dataDir, now: () => Date.now() }),
  now: () => Date.now(),
  newId: (kind) => newId(kind),
});

/** One read, one write and a run record: what a run of a script commits. */
async function commit(caller: number): Promise<void> {
  const run = newId("run");
  const key = stateKeys.property(caller + 1, "visits");
  await ledger.run(
    BOT,
    async (tx) => {
      const visits = Number((await tx.get(key)) ?? 0) + 1;
      tx.set(key, String(visits));
      return { answer: visits, record: recordOf(run, visits) };
    },
    { run },
  );
}

const db = new Database(join(dataDir, "bare.sqlite"));
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec("CREATE TABLE bare (id INTEGER PRIMARY KEY, doc TEXT)");
const insert = db.prepare("INSERT INTO bare (doc) VALUES (?)");
/** The record alone, as durable as above, nothing around it. It blocks its thread, as every plain use of SQLite does. */
async function bare(): Promise<void> {
  insert.run(JSON.stringify(recordOf(newId("run"), 1)));
  await new Promise(setImmediate);
}

function recordOf(id: string, visits: number): RunRecord {
  const messages = [`Hello, Ann! You have visited ${visits} times.`, "Balance: 12.50 USD"];
  return {
    ...{ id, bot_id: BOT, state: "done", source: "link", command: "/start", user_id: 1 },
    ...{ answer: "Balance: 12.50 USD", error: null },
    effects: messages.map((text) => ({ kind: "sendMessage", by: "/start", chat_id: 1, text })),
    ...{ log: [], started_at: new Date().toISOString(), duration_ms: 2.1, tries: 1 },
  };
}

const works = { commit, bare };
answerBench(
  { base: "", paths: [] },
  {
    measure: async ({ what, callers, ms }) => {
      const latencies: number[] = [];
      const start = performance.now();
      const call = async (caller: number): Promise<void> => {
        for (let begun = start; begun < start + ms;) {
          await works[what](caller);
          const ended = performance.now();
          latencies.push(ended - begun);
          begun = ended;
        }
      };
      await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
      const perSecond = (latencies.length / (performance.now() - start)) * 1_000;
      return {
        kind: "measured",
        perSecond,
        p50Ms: quantile(latencies, 0.5),
        p99Ms: quantile(latencies, 0.99),
      };
    },
    stop: async () => {
      await ledger.close();
      db.close();
    },
  },
);
