import { AppError } from "../../core/errors.ts";
import type { Attempt, Ledger, RunOptions, RunQuery, Tx } from "../../core/ledger.ts";
import type { RunRecord } from "../../core/run-record.ts";
import { stateKeys } from "../../core/state-keys.ts";
import { readRecord, type Backend } from "../store.ts";
import { BATCH_BYTES, BATCH_RUNS } from "./batch.ts";
import type { BotLog, Node } from "./bot-log.ts";
import { createOpenLogs } from "./open-logs.ts";
import { createScheduler } from "./scheduler.ts";
import { valuesOf } from "./view.ts";

const MAX_TRIES = 8;
/** After so many conflicts a run waits for its turn ... */
const TURN_AFTER = 2;
/** ... after so many it asks other nodes to be quiet ... */
const HOLD_AFTER = 3;
const HOLD_MS = 100;
/** ... and after so many it keeps new runs of this node out. */
const ALONE_AFTER = 4;
/** A new run is kept out no longer than this: what is alone may itself wait for a new run. */
const KEPT_OUT_MS = 2_000;

const OPEN_LOGS = 1_000;

export interface LedgerDeps {
  store: Backend;
  /** Milliseconds since 1970. */
  now: () => number;
  newId: (kind: "run" | "doc") => string;
  sleep?: (ms: number) => Promise<void>;
  /** Calls `work` in a turn of the event loop of its own. */
  defer?: (work: () => void) => void;
  /** Hears of what went wrong behind an answer that was already given. */
  onError?: (error: unknown) => void;
  batchRuns?: number;
  batchBytes?: number;
  /** Logs that stay open while they are idle. */
  openLogs?: number;
}

export interface StoreLedger extends Ledger {
  /** Drops values, tasks and records of a bot whose deletion has been committed. */
  forget(bot: number): Promise<void>;
  /**
   * Deletes idempotency keys whose run is older than `before` (milliseconds since 1970), by commits of their own.
   *
   * @returns how many
   */
  expireKeys(bot: number, before: number): Promise<number>;
  /** Whether the store answers. @throws AppError `storage_unavailable` */
  ping(): Promise<void>;
  /** Finishes what waits to become durable, then closes the store. */
  close(): Promise<void>;
}

type Try<T> = (tx: Tx, tries: number) => Promise<Attempt<T>>;

export function createLedger(deps: LedgerDeps): StoreLedger {
  const { store, now, newId, openLogs = OPEN_LOGS } = deps;
  const node: Node = {
    backend: store,
    id: newId("doc"),
    now,
    newId,
    sleep: deps.sleep ?? ((ms) => new Promise((done) => setTimeout(done, ms))),
    schedule: createScheduler(deps.defer ?? setImmediate),
    batchRuns: deps.batchRuns ?? BATCH_RUNS,
    batchBytes: deps.batchBytes ?? BATCH_BYTES,
    onError: deps.onError ?? (() => undefined),
  };
  const logs = createOpenLogs(node, openLogs);
  let closing = false;

  async function run<T>(bot: number, attempt: Try<T>, options: RunOptions = {}): Promise<T> {
    for (let conflicts = 0; conflicts < MAX_TRIES; conflicts++) {
      if (closing) throw new AppError("shutting_down", "the store is being closed");
      const log = await logs.get(bot);
      const endTurn = await enter(log, conflicts);
      try {
        const outcome = await runOnce(log, attempt, { ...options, tries: conflicts + 1, endTurn });
        if (outcome) return outcome.answer;
      } finally {
        endTurn?.();
      }
    }
    throw new AppError("run_conflict", `other runs changed what this one had read, ${MAX_TRIES} times`);
  }

  /** A fresh run goes in unless another is alone; one that met conflicts takes turns with those like it. */
  async function enter(log: BotLog, conflicts: number): Promise<(() => void) | undefined> {
    if (conflicts < TURN_AFTER) {
      const closed = log.turns.closed();
      if (closed) await Promise.race([closed, node.sleep(KEPT_OUT_MS)]);
      return undefined;
    }
    const endTurn = await log.turns.take({ alone: conflicts >= ALONE_AFTER });
    if (store.shared && conflicts >= HOLD_AFTER) await log.hold(HOLD_MS).catch(node.onError);
    return endTurn;
  }

  interface Once extends RunOptions {
    tries: number;
    endTurn: (() => void) | undefined;
  }

  /** One try. undefined: what it read has changed. */
  async function runOnce<T>(log: BotLog, attempt: Try<T>, once: Once): Promise<{ answer: T } | undefined> {
    const open = log.begin();
    const { tx } = open;
    try {
      const name = once.key === undefined ? undefined : stateKeys.idempotency(once.key);
      const first = name === undefined ? null : await tx.get(name);
      if (first !== null) {
        const verdict = await log.commit(open, "");
        // What a run with this key answered is a T, as JSON holds it.
        return verdict === "durable" ? { answer: readKeyed(first).answer as T } : undefined;
      }

      let outcome: Attempt<T>;
      try {
        outcome = await attempt(tx, once.tries);
      } catch (error) {
        // It may have failed on values that never stood together. If so it has not failed, and runs again.
        open.writes.clear();
        open.tasks.length = 0;
        if ((await log.commit(open, "")) === "stale") return undefined;
        throw error;
      }

      const { answer, record } = outcome;
      const run = once.run ?? record?.id ?? newId("run");
      if (record && record.id !== run) throw new Error("a run and its record have two ids");
      // What failed may be called again under its key.
      if (name !== undefined && record?.state !== "failed") tx.set(name, JSON.stringify({ run, at: now(), answer }));
      const committed = log.commit(open, run, record, once.accepted);
      once.endTurn?.(); // the next one may build on what this one is about to commit
      return (await committed) === "durable" ? { answer } : undefined;
    } finally {
      log.end(open);
    }
  }

  async function list(bot: number, prefix: string): Promise<Map<string, string>> {
    if (store.derivesOnAppend) return sorted(valuesOf(await store.list(bot, prefix), []));
    const log = await logs.get(bot);
    const over = log.committedUnder(prefix);
    return sorted(valuesOf(await store.list(bot, prefix), over));
  }

  async function read(bot: number, key: string): Promise<string | null> {
    const over = store.derivesOnAppend ? undefined : (await logs.get(bot)).committed(key);
    const [row] = over ? [over] : await store.getMany(bot, [key]);
    return row?.value ?? null;
  }

  async function runRecord(id: string): Promise<RunRecord | null> {
    if (!store.derivesOnAppend)
      for (const log of logs.all()) {
        const text = log.recordText(id);
        if (text !== undefined) return readRecord(text);
      }
    return store.runRecord(id);
  }

  async function expireKeys(bot: number, before: number): Promise<number> {
    const old = [...(await list(bot, stateKeys.idempotency("")))].flatMap(([key, text]) =>
      readKeyTime(text) < before ? [key] : [],
    );
    let deleted = 0;
    for (let from = 0; from < old.length; from += EXPIRY_SLICE)
      deleted += await run(bot, async (tx) => {
        let answer = 0;
        for (const [key, text] of await tx.getMany(old.slice(from, from + EXPIRY_SLICE)))
          if (text !== null && readKeyTime(text) < before) {
            tx.set(key, null);
            answer++;
          }
        return { answer };
      });
    return deleted;
  }

  return {
    run,
    read,
    list,
    runRecord,
    runRecords: (query: RunQuery) => store.runRecords(query),
    forget: (bot) => store.forget(bot),
    expireKeys,
    ping: () => store.ping(),
    async close() {
      closing = true;
      await Promise.all([...logs.all()].map((log) => log.flushed()));
      await store.close();
    },
  };
}

const EXPIRY_SLICE = 100;

interface KeyedAnswer {
  run: string;
  at: number;
  answer: unknown;
}
const readKeyed = (text: string) => JSON.parse(text) as KeyedAnswer; // written in `runOnce`, nowhere else
const readKeyTime = (text: string) => readKeyed(text).at;
function sorted(values: Map<string, string>): Map<string, string> {
  return new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}
