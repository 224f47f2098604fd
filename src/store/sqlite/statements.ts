import type Database from "better-sqlite3";
import type { LogDoc, LogEntry } from "../store.ts";

/** What the writer does within its transactions. Every method is one bounded piece of work. */
export interface Statements {
  /** Puts documents on their logs' heads, with all that is derived from them. Returns the places of those that do not fit. */
  commit(docs: readonly LogDoc[]): number[];
  /** Begins to drop all of a bot: from now on it is known as forgotten. */
  markForgotten(bot: number): void;
  /** Drops a slice of a forgotten bot. false: there was nothing left. */
  forgetSlice(bot: number): boolean;
  forgotten(): number[];
  /** Drops a slice of the records that are older than this (milliseconds since 1970). false: there is no more. */
  expireSlice(before: number): boolean;
}

/** Rows dropped at a time. */
const SLICE = 200;
/** A bot's log and records are looked after once in so many documents or records. */
const EVERY = 64;
const COUNTED_BOTS = 10_000;

export function prepareStatements(db: Database.Database, keep: { log: number; runs: number }): Statements {
  const head = db.prepare<[number], { seq: number; id: string }>(
    "SELECT seq, id FROM log WHERE bot = ? ORDER BY seq DESC LIMIT 1",
  );
  const addLog = db.prepare("INSERT INTO log (bot, seq, id, prev, by, at, entries) VALUES (?, ?, ?, ?, ?, ?, ?)");
  const setState = db.prepare(
    "INSERT INTO state (bot, key, seq, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, value = excluded.value",
  );
  const deleteState = db.prepare("DELETE FROM state WHERE bot = ? AND key = ?");
  const addTask = db.prepare("INSERT INTO tasks (bot, seq, entry, place, run, body) VALUES (?, ?, ?, ?, ?, ?)");
  const addRun = db.prepare("INSERT OR IGNORE INTO runs (id, bot, failed, at, record) VALUES (?, ?, ?, ?, ?)");

  const trimLog = db.prepare(
    `DELETE FROM log WHERE rowid IN (SELECT rowid FROM log WHERE bot = ? AND seq <= ? ORDER BY seq LIMIT ${SLICE})`,
  );
  const trimRuns = db.prepare(
    `DELETE FROM runs WHERE number IN (SELECT number FROM runs WHERE bot = @bot AND id <
       (SELECT id FROM runs WHERE bot = @bot ORDER BY id DESC LIMIT 1 OFFSET @keep) ORDER BY id LIMIT ${SLICE})`,
  );
  // Records are numbered as they come, so the old ones are the low ones; a clock that went back only delays them.
  const expireRuns = db.prepare(
    `DELETE FROM runs WHERE number IN (SELECT number FROM runs ORDER BY number LIMIT ${SLICE}) AND at < ?`,
  );
  const mark = db.prepare("INSERT OR IGNORE INTO forgotten (bot) VALUES (?)");
  const unmark = db.prepare("DELETE FROM forgotten WHERE bot = ?");
  const marked = db.prepare<[], { bot: number }>("SELECT bot FROM forgotten");
  const dropSlice = [
    `DELETE FROM state WHERE bot = @bot AND key IN (SELECT key FROM state WHERE bot = @bot LIMIT ${SLICE})`,
    `DELETE FROM tasks WHERE bot = @bot AND (seq, entry, place) IN
       (SELECT seq, entry, place FROM tasks WHERE bot = @bot LIMIT ${SLICE})`,
    `DELETE FROM runs WHERE number IN (SELECT number FROM runs WHERE bot = @bot LIMIT ${SLICE})`,
    // All but the head: a run that began before must still find that others came after it.
    `DELETE FROM log WHERE rowid IN (SELECT rowid FROM log WHERE bot = @bot
       AND seq < (SELECT max(seq) FROM log WHERE bot = @bot) ORDER BY seq LIMIT ${SLICE})`,
  ].map((sql) => db.prepare(sql));

  const recordsOf = new Map<number, number>(); // since the bot's records were last trimmed

  function derive({ bot, seq, at, entries }: LogDoc) {
    const values = new Map<string, string | null>();
    for (const [e, { run, writes, tasks, record }] of entries.entries()) {
      for (const [key, value] of writes) values.set(key, value);
      for (const [place, body] of tasks.entries()) addTask.run(bot, seq, e, place, run, body);
      if (record) addRun.run(run, bot, Number(record.failed), at, record.text);
    }
    for (const [key, value] of values)
      if (value === null) deleteState.run(bot, key);
      else setState.run(bot, key, seq, value);
  }

  function trim({ bot, seq, entries }: LogDoc) {
    if (seq % EVERY === 0) trimLog.run(bot, seq - keep.log);

    const added = entries.reduce((n, { record }) => n + (record ? 1 : 0), 0);
    const count = (recordsOf.get(bot) ?? EVERY) + added; // a bot that is new to this process is looked at at once
    if (added > 0 && count >= EVERY) trimRuns.run({ bot, keep: keep.runs - 1 });
    if (recordsOf.size > COUNTED_BOTS) recordsOf.clear();
    recordsOf.set(bot, count >= EVERY ? 0 : count);
  }

  return {
    commit(docs) {
      const refused: number[] = [];
      for (const [place, doc] of docs.entries()) {
        const { seq, id } = head.get(doc.bot) ?? { seq: 0, id: "" };
        if (seq !== doc.seq - 1 || id !== doc.prev) {
          refused.push(place);
          continue;
        }
        addLog.run(doc.bot, doc.seq, doc.id, doc.prev, doc.by, doc.at, logText(doc.entries));
        derive(doc);
        trim(doc);
      }
      return refused;
    },
    markForgotten(bot) {
      mark.run(bot);
    },
    forgetSlice(bot) {
      let dropped = 0;
      for (const statement of dropSlice) dropped += statement.run({ bot }).changes;
      if (dropped === 0) unmark.run(bot);
      return dropped > 0;
    },
    forgotten: () => marked.all().map(({ bot }) => bot),
    expireSlice: (before) => expireRuns.run(before).changes > 0,
  };
}

/** What the log keeps of its entries. Tasks and records have tables of their own, filled in the same transaction. */
function logText(entries: readonly LogEntry[]): string {
  return JSON.stringify(
    entries.map(({ run, writes, hold }) => ({ run, writes, ...(hold === undefined ? {} : { hold }) })),
  );
}
