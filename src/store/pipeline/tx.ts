import { AppError } from "../../core/errors.ts";
import type { Tx } from "../../core/ledger.ts";

/** What a run sees of its bot: what is committed, and what runs before it in the same process are about to commit. */
export interface View {
  /** Values in the order of the names, and the clock at the start of the read. */
  read(keys: readonly string[]): Promise<{ values: (string | null)[]; at: number }>;
  list(prefix: string): Promise<{ rows: Map<string, string>; at: number }>;
}

/** A run in the making: its Tx, and what the log has to know of it. */
export interface OpenTx {
  tx: Tx;
  /** Name or prefix → clock at the start of its first read. */
  keys: ReadonlyMap<string, number>;
  prefixes: ReadonlyMap<string, number>;
  writes: Map<string, string | null>;
  tasks: string[];
  /** The clock when it began: none of its reads is older. */
  born: number;
}

export function createTx(view: View, born: number): OpenTx {
  const keys = new Map<string, number>();
  const prefixes = new Map<string, number>();
  const fetched = new Map<string, number>();
  const writes = new Map<string, string | null>();
  const tasks: string[] = [];

  const remember = (reads: Map<string, number>, name: string, at: number) => {
    const before = reads.get(name);
    if (before === undefined || at < before) reads.set(name, at);
  };

  /** Own writes first, then the view; `seen` hears of each name that came from the view. */
  async function readMany(names: readonly string[], seen: (key: string, at: number) => void) {
    const found = new Map<string, string | null>();
    const asked: string[] = [];
    for (const key of names) {
      const own = writes.get(key);
      if (own !== undefined) found.set(key, own);
      else if (!key.isWellFormed())
        found.set(key, null); // nothing can have this name: see `set`
      else {
        found.set(key, null);
        asked.push(key);
      }
    }
    if (asked.length === 0) return found;
    const { values, at } = await view.read(asked);
    for (const [i, key] of asked.entries()) {
      found.set(key, values[i] ?? null);
      seen(key, at);
    }
    return found;
  }
  const asRead = (key: string, at: number) => {
    remember(keys, key, at);
  };
  const asFetched = (key: string, at: number) => {
    remember(fetched, key, at);
  };

  const tx: Tx = {
    async get(key) {
      const own = writes.get(key);
      if (own !== undefined) return own;
      if (!key.isWellFormed()) return null;
      const { values, at } = await view.read([key]);
      remember(keys, key, at);
      return values[0] ?? null;
    },
    getMany: (names) => readMany(names, asRead),
    prefetch: (names) => readMany(names, asFetched),
    touch(key) {
      const at = fetched.get(key);
      if (at !== undefined) remember(keys, key, at);
      else if (!writes.has(key) && key.isWellFormed()) throw new Error("touched a name that was not prefetched");
    },
    async list(prefix) {
      if (!prefix.isWellFormed()) return new Map();
      const { rows, at } = await view.list(prefix);
      remember(prefixes, prefix, at);
      for (const [key, value] of writes) {
        if (!key.startsWith(prefix)) continue;
        if (value === null) rows.delete(key);
        else rows.set(key, value);
      }
      return new Map([...rows].sort(byName));
    },
    set(key, value) {
      // Stored as UTF-8, two names that differ in a lone surrogate would become one.
      if (!key.isWellFormed()) throw new AppError("field_invalid", "a name holds half of a surrogate pair");
      writes.delete(key); // so that the order is that of the last write
      writes.set(key, value);
    },
    task(body) {
      tasks.push(body);
    },
  };
  return { tx, keys, prefixes, writes, tasks, born };
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
