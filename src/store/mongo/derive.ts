import { afterPrefix } from "../prefix.ts";
import type { LogDoc, StateRow } from "../store.ts";
import type { Collections, RunRow, StateVersion, TaskRow } from "./collections.ts";
import type { Retry } from "./retry.ts";

/**
 * Values, tasks and records as they follow from committed documents. Everything is inserted under an `_id` that the log
 * gives, so any node may do it, any number of times, an old one after a new one as well.
 */
export function createDerive({ collections, retry }: { collections: Collections; retry: Retry }) {
  const { state, tasks, runs, heads } = collections;

  async function apply(bot: number, docs: readonly LogDoc[]): Promise<void> {
    const versions = new Map<string, StateVersion>(); // a batch writes a name twice: its last write counts
    const taskRows: TaskRow[] = [];
    const runRows: RunRow[] = [];
    for (const { seq, entries } of docs)
      for (const [e, { run, writes, tasks: bodies, record, hold }] of entries.entries()) {
        for (const [w, [key, value]] of writes.entries())
          versions.set(key, { _id: `${bot}/${seq}/${e}/${w}`, bot, key, seq, value });
        for (const [t, body] of bodies.entries()) taskRows.push({ _id: `${bot}/${seq}/${e}/${t}`, bot, run, body });
        // A run without a record leaves a row as well: it shows that its document was committed, once that is collected.
        if (hold === undefined)
          runRows.push({ _id: run, bot, seq, failed: Number(record?.failed ?? false), record: record?.text ?? "" });
      }
    const newest = [...versions.values()];
    await Promise.all([
      retry(() => state.insertMissing(newest)),
      retry(() => tasks.insertMissing(taskRows)),
      retry(() => runs.insertMissing(runRows)),
    ]);
    // Only now that all of it is there: older versions go, and the hint says how far it is.
    await retry(() => state.deleteMany(newest.map(({ key, seq }) => ({ bot, key, seq: { $lt: seq } }))));
    await retry(() => heads.raise(String(bot), "applied", docs.at(-1)?.seq ?? 0));
  }

  async function getMany(bot: number, keys: readonly string[]): Promise<(StateRow | undefined)[]> {
    return Promise.all(keys.map(async (key) => newestOf(await retry(() => state.find({ bot, key }))).get(key)));
  }

  async function list(bot: number, prefix: string): Promise<StateRow[]> {
    const end = afterPrefix(prefix);
    const key = end === undefined ? { $gte: prefix } : { $gte: prefix, $lt: end };
    const found = await retry(() => state.find({ bot, key }));
    return [...newestOf(found).values()];
  }
  return { apply, getMany, list };
}

function newestOf(versions: readonly StateVersion[]): Map<string, StateRow> {
  const newest = new Map<string, StateRow>();
  for (const { key, seq, value } of versions)
    if ((newest.get(key)?.seq ?? 0) <= seq) newest.set(key, { key, seq, value });
  return newest;
}
