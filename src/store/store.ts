import type { RunQuery } from "../core/ledger.ts";
import type { RunRecord } from "../core/run-record.ts";

/** What one run left in the log. */
export interface LogEntry {
  run: string;
  /** In the order they were made; the last write of a name counts. Values are JSON text, null deletes. */
  writes: readonly (readonly [key: string, value: string | null])[];
  /** Bodies of tasks (JSON text). */
  tasks: readonly string[];
  record?: RecordText;
  /** Milliseconds for which other nodes leave this bot's log alone. Only in the log of a shared store. */
  hold?: number;
}

/** A run record as the stores keep it: its JSON text, and what they can ask for. */
export interface RecordText {
  failed: boolean;
  text: string;
}

/** @param text as `entryOf` made it of a record, and nobody else */
export function readRecord(text: string): RunRecord {
  return JSON.parse(text) as RunRecord;
}

/** A place in a bot's log: the number of a document and its id. Number 0 with the id "" is the place before all. */
export interface Position {
  seq: number;
  id: string;
}

/** One document of a bot's log: a batch of runs of one node. Putting it under its number is the commit point. */
export interface LogDoc extends Position {
  bot: number;
  /** The id of the document before it; "" for the first. */
  prev: string;
  /** The node that wrote it. */
  by: string;
  /** Milliseconds since 1970, by the clock of that node. */
  at: number;
  entries: readonly LogEntry[];
}

/** Where a bot's log stands. `docs` follow the position and have perhaps not been applied yet. */
export interface LogStart extends Position {
  docs: readonly LogDoc[];
}

/**
 * What became of an append. `ok`: the document stands under its number, and `tail` holds what others put after it.
 * Not ok: `tail` holds what others put after the document's predecessor. `tail` null: the log no longer holds
 * what follows that place, so the bot has to be opened anew; nothing was committed, unless `ok` says so.
 */
export interface Appended {
  ok: boolean;
  tail: readonly LogDoc[] | null;
}

/** A value as it is derived from the log. `seq` is the number of the document that wrote it; null: deleted by it. */
export interface StateRow {
  key: string;
  seq: number;
  value: string | null;
}

/**
 * What the pipeline asks of a database. Every method rejects with AppError `storage_unavailable` when the database is
 * away, read-only or full; `append` also with `commit_unknown` when the document may or may not stand.
 */
export interface Backend {
  /** Several nodes write to it at once. */
  readonly shared: boolean;
  /** `append` derives values, tasks and records in the same atomic step, so there is never anything to apply. */
  readonly derivesOnAppend: boolean;

  open(bot: number): Promise<LogStart>;
  /** The documents after a place, in order. null: the log no longer holds all of them. */
  tail(bot: number, after: Position): Promise<readonly LogDoc[] | null>;
  append(doc: LogDoc): Promise<Appended>;
  /** The newest derived row of each name, in the order of the names; undefined: there never was one, or it is gone. */
  getMany(bot: number, keys: readonly string[]): Promise<(StateRow | undefined)[]>;
  /** The newest derived row of each name that starts with `prefix`, in any order. */
  list(bot: number, prefix: string): Promise<StateRow[]>;
  /** Derives values, tasks and records from committed documents. Any node may do it, any number of times. */
  apply(bot: number, docs: readonly LogDoc[]): Promise<void>;

  runRecord(id: string): Promise<RunRecord | null>;
  /** Newest first. */
  runRecords(query: RunQuery): Promise<RunRecord[]>;

  /**
   * Drops all values, tasks and records of a bot, a slice at a time, and goes on with it after a restart. The log
   * keeps its position, so that whoever commits against an older one conflicts. Resolves when all of it is gone.
   */
  forget(bot: number): Promise<void>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Finishes what was asked before, then lets go of everything. */
  close(): Promise<void>;
}
