import type { RunRecord } from "../core/run-record.ts";
import { readRecord, type Backend, type LogDoc, type Position, type StateRow } from "./store.ts";

const KEEP = 1_000;

interface BotRows {
  log: LogDoc[];
  state: Map<string, StateRow>;
  tasks: { run: string; body: string }[];
  runs: RunRecord[];
}

/** What several memory stores can share, as nodes share a database. */
export interface MemoryDatabase {
  bots: Map<number, BotRows>;
  runs: Map<string, RunRecord>;
}

export function createMemoryDatabase(): MemoryDatabase {
  return { bots: new Map(), runs: new Map() };
}

export interface MemoryStoreOptions {
  database?: MemoryDatabase;
  shared?: boolean;
  /** Log documents and run records of a bot that stay. */
  keep?: number;
}

/** A store that outlives nothing: for tests and the bench. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Backend {
  const { database = createMemoryDatabase(), shared = false, keep = KEEP } = options;

  function rowsOf(bot: number): BotRows {
    let rows = database.bots.get(bot);
    if (!rows) database.bots.set(bot, (rows = { log: [], state: new Map(), tasks: [], runs: [] }));
    return rows;
  }

  function append(doc: LogDoc) {
    const rows = rowsOf(doc.bot);
    const head = headOf(rows);
    if (head.seq !== doc.seq - 1 || head.id !== doc.prev)
      return { ok: false, tail: tailOf(rows, { seq: doc.seq - 1, id: doc.prev }) };
    rows.log.push(doc);
    for (const { run, writes, tasks, record } of doc.entries) {
      for (const [key, value] of writes)
        if (value === null) rows.state.delete(key);
        else rows.state.set(key, { key, value, seq: doc.seq });
      for (const body of tasks) rows.tasks.push({ run, body });
      if (record) keepRecord(rows, readRecord(record.text));
    }
    if (rows.log.length >= 2 * keep) rows.log.splice(0, rows.log.length - keep);
    return { ok: true, tail: [] };
  }

  function keepRecord({ runs }: BotRows, record: RunRecord) {
    runs.push(record);
    database.runs.set(record.id, record);
    if (runs.length < 2 * keep) return;
    for (const { id } of runs.splice(0, runs.length - keep)) database.runs.delete(id);
  }

  return {
    shared,
    derivesOnAppend: true,
    open: (bot) => Promise.resolve({ seq: headOf(rowsOf(bot)).seq, id: headOf(rowsOf(bot)).id, docs: [] }),
    tail: (bot, after) => Promise.resolve(tailOf(rowsOf(bot), after)),
    append: (doc) => Promise.resolve(append(doc)),
    getMany(bot, keys) {
      const { state } = rowsOf(bot);
      return Promise.resolve(keys.map((key) => state.get(key)));
    },
    list(bot, prefix) {
      const rows = [...rowsOf(bot).state.values()];
      return Promise.resolve(rows.filter(({ key }) => key.startsWith(prefix)));
    },
    apply: () => Promise.resolve(),
    runRecord: (id) => Promise.resolve(database.runs.get(id) ?? null),
    runRecords({ bot, failed, limit, before }) {
      const runs = bot === undefined ? [...database.runs.values()] : rowsOf(bot).runs;
      const found = runs.filter(
        ({ id, state }) =>
          (failed === undefined || (state === "failed") === failed) && (before === undefined || id < before),
      );
      found.sort((a, b) => (a.id < b.id ? 1 : -1));
      return Promise.resolve(found.slice(0, limit));
    },
    forget(bot) {
      const rows = rowsOf(bot);
      for (const { id } of rows.runs.splice(0)) database.runs.delete(id);
      rows.state.clear();
      rows.tasks.length = 0;
      return Promise.resolve();
    },
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function headOf({ log }: BotRows): Position {
  return log.at(-1) ?? { seq: 0, id: "" };
}

/** null: some of it is collected, or the place is not in this log. */
function tailOf(rows: BotRows, after: Position): LogDoc[] | null {
  const count = headOf(rows).seq - after.seq;
  if (count < 0 || count > rows.log.length) return null;
  const tail = rows.log.slice(rows.log.length - count);
  return tail.length > 0 && tail[0]?.prev !== after.id ? null : tail;
}
