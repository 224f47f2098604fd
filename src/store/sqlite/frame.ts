import type { LogDoc, LogEntry } from "../store.ts";

/**
 * Log documents as one flat list, for the way to the writer's thread: strings and numbers are copied several times
 * quicker than objects are.
 */
export type Cell = string | number | null;

export function packDocs(docs: readonly LogDoc[]): Cell[] {
  const cells: Cell[] = [docs.length];
  for (const { bot, seq, prev, id, by, at, entries } of docs) {
    cells.push(bot, seq, prev, id, by, at, entries.length);
    for (const { run, writes, tasks, record, hold } of entries) {
      cells.push(run, writes.length);
      for (const [key, value] of writes) cells.push(key, value);
      cells.push(tasks.length, ...tasks, hold ?? null, record ? Number(record.failed) : null);
      if (record) cells.push(record.text);
    }
  }
  return cells;
}

export function unpackDocs(cells: readonly Cell[]): LogDoc[] {
  let at = 0;
  const next = () => cells[at++] ?? null;
  const text = () => String(next());
  const number = () => Number(next());
  const many = <T>(read: () => T) => Array.from({ length: number() }, read);
  const nullable = <T>(read: (cell: string | number) => T) => {
    const cell = next();
    return cell === null ? undefined : read(cell);
  };

  function entry(): LogEntry {
    const run = text();
    const writes = many((): [string, string | null] => [text(), nullable(String) ?? null]);
    const tasks = many(text);
    const hold = nullable(Number);
    const failed = nullable(Boolean);
    return {
      run,
      writes,
      tasks,
      ...(hold === undefined ? {} : { hold }),
      ...(failed === undefined ? {} : { record: { failed, text: text() } }),
    };
  }
  return many(() => ({
    bot: number(),
    seq: number(),
    prev: text(),
    id: text(),
    by: text(),
    at: number(),
    entries: many(entry),
  }));
}
