import type { StateRow } from "../store.ts";

/** Rows that are newer than what the store has derived, by name. */
export interface Overlay {
  get(key: string): StateRow | undefined;
  set(row: StateRow): void;
  under(prefix: string): StateRow[];
  /** Drops what the store has derived by now. */
  dropUntil(seq: number): void;
  clear(): void;
}

export function createOverlay(): Overlay {
  const rows = new Map<string, StateRow>();
  return {
    get: (key) => rows.get(key),
    set(row) {
      rows.set(row.key, row);
    },
    under(prefix) {
      const found: StateRow[] = [];
      for (const row of rows.values()) if (row.key.startsWith(prefix)) found.push(row);
      return found;
    },
    dropUntil(seq) {
      for (const row of rows.values()) if (row.seq <= seq) rows.delete(row.key);
    },
    clear() {
      rows.clear();
    },
  };
}
