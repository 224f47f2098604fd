import type Database from "better-sqlite3";
import type { RunQuery } from "../../core/ledger.ts";
import { afterPrefix } from "../prefix.ts";
import type { LogDoc, LogEntry, Position, StateRow } from "../store.ts";

/** What is asked of the file, on a connection of its own: it never waits for the writer. */
export interface Reader {
  head(bot: number): Position;
  log(bot: number, after: number): LogDoc[];
  stands(doc: LogDoc): boolean;
  get(bot: number, key: string): StateRow | undefined;
  list(bot: number, prefix: string): StateRow[];
  record(id: string): string | undefined;
  records(query: RunQuery): string[];
}

interface LogRow extends Position {
  prev: string;
  by: string;
  at: number;
  entries: string;
}

export function createReader(db: Database.Database): Reader {
  const head = db.prepare<[number], Position>("SELECT seq, id FROM log WHERE bot = ? ORDER BY seq DESC LIMIT 1");
  const log = db.prepare<[number, number], LogRow>(
    "SELECT seq, id, prev, by, at, entries FROM log WHERE bot = ? AND seq > ? ORDER BY seq",
  );
  const place = db.prepare<[number, number], Position>("SELECT seq, id FROM log WHERE bot = ? AND seq = ?");
  const get = db.prepare<[number, string], StateRow>("SELECT key, seq, value FROM state WHERE bot = ? AND key = ?");
  const from = db.prepare<[number, string], StateRow>("SELECT key, seq, value FROM state WHERE bot = ? AND key >= ?");
  const between = db.prepare<[number, string, string], StateRow>(
    "SELECT key, seq, value FROM state WHERE bot = ? AND key >= ? AND key < ?",
  );
  const record = db.prepare<[string], { record: string }>("SELECT record FROM runs WHERE id = ?");
  const records = new Map<string, Database.Statement<(string | number)[], { record: string }>>();

  return {
    head: (bot) => head.get(bot) ?? { seq: 0, id: "" },
    log: (bot, after) => log.all(bot, after).map((row) => ({ ...row, bot, entries: readEntries(row.entries) })),
    stands: ({ bot, seq, id }) => place.get(bot, seq)?.id === id,
    get: (bot, key) => get.get(bot, key),
    list(bot, prefix) {
      const end = afterPrefix(prefix);
      return end === undefined ? from.all(bot, prefix) : between.all(bot, prefix, end);
    },
    record: (id) => record.get(id)?.record,
    records({ bot, failed, before, limit }) {
      const where = ["1"];
      const values: (string | number)[] = [];
      if (bot !== undefined) {
        where.push("bot = ?");
        values.push(bot);
      }
      if (failed !== undefined) where.push(`failed = ${Number(failed)}`); // spelled out, so that the partial index is used
      if (before !== undefined) {
        where.push("id < ?");
        values.push(before);
      }
      const sql = `SELECT record FROM runs WHERE ${where.join(" AND ")} ORDER BY id DESC LIMIT ?`;
      let statement = records.get(sql);
      if (!statement) records.set(sql, (statement = db.prepare<(string | number)[], { record: string }>(sql)));
      return statement.all(...values, limit).map((row) => row.record);
    },
  };
}

/** Entries as the writer's `logText` wrote them: without tasks and records, which have tables of their own. */
function readEntries(text: string): LogEntry[] {
  return (JSON.parse(text) as Omit<LogEntry, "tasks">[]).map((entry) => ({ ...entry, tasks: [] }));
}
