/**
 * The little that the protocol asks of a document database: inserts of one document are atomic under their `_id`, and
 * nothing else is. Finds walk document by document, deletes take two steps. FerretDB 1.24 gives no more than this.
 */
export interface Collection<D extends { _id: string }> {
  findOne(filter: Filter): Promise<D | null>;
  /** In the order of `sort` (ascending), else of the collection's index. */
  find(filter: Filter, sort?: string): Promise<D[]>;
  /** @throws DuplicateId where a document with this `_id` is there */
  insertOne(doc: D): Promise<void>;
  /** Inserts what is not there yet; documents whose `_id` is taken are passed over. */
  insertMissing(docs: readonly D[]): Promise<void>;
  deleteMany(filters: readonly Filter[]): Promise<void>;
  /** Makes the document, or raises its number where it is lower. Two of these may undo each other: a hint, no guard. */
  raise(id: string, field: string, to: number): Promise<void>;
}

export type Filter = Readonly<Record<string, string | number | Readonly<Record<string, string | number>>>>;

const DUPLICATE = "duplicate_id";
/** A document with this `_id` is there already. */
export class DuplicateId extends Error {
  readonly code = DUPLICATE;
}
export function isDuplicateId(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === DUPLICATE;
}

/** Documents of the log. `_id`: `bot/seq`, the number in ten digits; `entries`: JSON text. */
export interface LogRow {
  _id: string;
  bot: number;
  seq: number;
  id: string;
  prev: string;
  by: string;
  at: number;
  entries: string;
}
/** A version of a value: never changed, the highest `seq` counts. */
export interface StateVersion {
  _id: string;
  bot: number;
  key: string;
  seq: number;
  value: string | null;
}
export interface TaskRow {
  _id: string;
  bot: number;
  run: string;
  body: string;
}
export interface RunRow {
  _id: string;
  bot: number;
  seq: number;
  failed: number;
  record: string;
}
export interface HeadRow {
  _id: string;
  applied: number;
}

export interface Collections {
  log: Collection<LogRow>;
  state: Collection<StateVersion>;
  tasks: Collection<TaskRow>;
  runs: Collection<RunRow>;
  heads: Collection<HeadRow>;
}
