import type { RunRecord } from "../../src/core/run-record.ts";
import { newId } from "../../src/core/ids.ts";
import { createLedger, type LedgerDeps, type StoreLedger } from "../../src/store/pipeline/ledger.ts";
import type { Backend } from "../../src/store/store.ts";

/** One database under test. */
export interface StoreHarness {
  /** Opens a store over the same data; where stores are shared, as often as one likes. */
  open: () => Backend | Promise<Backend>;
  /** Tasks of a bot that are derived, in the order of their commits. */
  tasks: (bot: number) => { run: string; body: string }[] | Promise<{ run: string; body: string }[]>;
  dispose: () => void | Promise<void>;
}

export interface StoreKind {
  name: string;
  /** Several ledgers may work on it at once. */
  shared: boolean;
  /** Data outlives the closing of the store. */
  durable: boolean;
  create: () => StoreHarness | Promise<StoreHarness>;
}

export function ledgerOver(store: Backend, deps: Partial<LedgerDeps> = {}): StoreLedger {
  return createLedger({ store, now: Date.now, newId, ...deps });
}

/** Lets everything else go on that can. */
export const breathe = () => new Promise<void>((done) => setImmediate(done));

export function recordOf(id: string, more: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    bot_id: 1,
    state: "done",
    source: "api",
    command: "/start",
    user_id: null,
    answer: "Hello",
    error: null,
    effects: [],
    log: [],
    started_at: "2026-01-01T00:00:00.000Z",
    duration_ms: 1.5,
    tries: 1,
    ...more,
  };
}

export const textOf = (value: number) => String(value);
export const numberOf = (text: string | null | undefined, missing = 0) => (text == null ? missing : Number(text));
