import type { RunRecord } from "./run-record.ts";

/**
 * What one run reads and writes in a bot's log. Every read is remembered, a missing name and a list as well, and the
 * run commits only if none of it has changed since. Values are JSON text; null means: no such name.
 */
export interface Tx {
  get(key: string): Promise<string | null>;
  /** Reads several names at once; each counts as a read of its own. */
  getMany(keys: readonly string[]): Promise<Map<string, string | null>>;
  /**
   * Reads values without making them reads of this run: `touch` does that for the ones that the script then used.
   * What was prefetched and touched is validated from the moment of the prefetch on.
   */
  prefetch(keys: readonly string[]): Promise<Map<string, string | null>>;
  touch(key: string): void;
  /** All names with this prefix and their values, by name. */
  list(prefix: string): Promise<Map<string, string>>;
  /** null deletes. */
  set(key: string, value: string | null): void;
  /** A task of this run (JSON text): derived from the commit, and so as durable as it. */
  task(body: string): void;
}

/** What one try of a run came to: the answer, and the record to keep of it. A record without writes is kept as well. */
export interface Attempt<T> {
  answer: T;
  record?: RunRecord;
}

export interface RunOptions {
  /**
   * Idempotency key: the run commits once, and every repeat gets the first answer. The answer must then be JSON. An
   * attempt that throws, or whose record says that it failed, has not used it up.
   */
  key?: string;
  /** The run's id; made anew where it is absent. */
  run?: string;
  /** Called once the run stands in the queue for its commit: runs that begin from then on see what it wrote. */
  accepted?: () => void;
}

/** The bots' logs, as one node writes them: the pipeline over a store. */
export interface Ledger {
  /**
   * Runs `attempt` as if alone in the bot's log and makes what it wrote durable before it resolves. After a conflict
   * the attempt runs again, from nothing. What the attempt throws is thrown on once its reads proved valid.
   *
   * @throws AppError `run_conflict` after eight tries, `storage_unavailable`, `commit_unknown`
   */
  run<T>(bot: number, attempt: (tx: Tx, tries: number) => Promise<Attempt<T>>, options?: RunOptions): Promise<T>;
  /** One value as it stands committed, outside any run. */
  read(bot: number, key: string): Promise<string | null>;
  /** Committed values by name, outside any run. */
  list(bot: number, prefix: string): Promise<Map<string, string>>;
  runRecord(id: string): Promise<RunRecord | null>;
  /** Newest first. */
  runRecords(query: RunQuery): Promise<RunRecord[]>;
}

export interface RunQuery {
  bot?: number;
  failed?: boolean;
  limit: number;
  /** Only runs older than this one. */
  before?: string;
}
