import type { Backend, StateRow } from "../store.ts";
import type { Changes } from "./changes.ts";
import type { Overlay } from "./overlay.ts";
import type { View } from "./tx.ts";

export interface ViewDeps {
  backend: Backend;
  bot: number;
  changes: Changes;
  /** Committed, perhaps not derived yet. */
  recent: Overlay;
  /** Written by runs that wait to become durable. */
  pending: Overlay;
}

/**
 * The bot as the next run of this node sees it: what waits, else what was just committed, else what is derived.
 * Whatever is written while a read waits for the store changes after `at`, so that such a read does not prove valid.
 */
export function createView({ backend, bot, changes, recent, pending }: ViewDeps): View {
  return {
    async read(keys) {
      const at = changes.clock();
      const values: (string | null)[] = [];
      const asked: string[] = [];
      const places: number[] = [];
      for (const [i, key] of keys.entries()) {
        const seen = pending.get(key) ?? recent.get(key);
        values.push(seen?.value ?? null);
        if (seen) continue;
        asked.push(key);
        places.push(i);
      }
      if (asked.length === 0) return { values, at };
      const rows = await backend.getMany(bot, asked);
      for (const [i, place] of places.entries()) values[place] = rows[i]?.value ?? null;
      return { values, at };
    },

    async list(prefix) {
      const at = changes.clock();
      const over = [...recent.under(prefix), ...pending.under(prefix)]; // now: it may be trimmed while we wait
      const rows = await backend.list(bot, prefix);
      return { rows: valuesOf(rows, over), at };
    },
  };
}

/** Values by name: of two rows with one name the one with the higher number counts; deleted ones are left out. */
export function valuesOf(rows: readonly StateRow[], over: readonly StateRow[]): Map<string, string> {
  const newest = new Map<string, StateRow>();
  for (const row of rows) newest.set(row.key, row);
  for (const row of over) if ((newest.get(row.key)?.seq ?? 0) <= row.seq) newest.set(row.key, row);
  const values = new Map<string, string>();
  for (const { key, value } of newest.values()) if (value !== null) values.set(key, value);
  return values;
}
