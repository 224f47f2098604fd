import { AppError } from "../../core/errors.ts";
import type { RunRecord } from "../../core/run-record.ts";
import type { LogEntry } from "../store.ts";
import type { OpenTx } from "./tx.ts";

/** Runs in one log document at most. */
export const BATCH_RUNS = 200;
/** Bytes of one log document at most: MongoDB takes 16 MB, and the rest of the document needs a little of it. */
export const BATCH_BYTES = 16 * 1024 * 1024 - 64 * 1024;

/** A run that waits to become durable. */
export interface Waiting {
  open: OpenTx;
  /** undefined: it only read. */
  entry: LogEntry | undefined;
  bytes: number;
  settle: (verdict: Verdict) => void;
  fail: (error: unknown) => void;
}

/** stale: something it read has changed, so it has to run again. */
export type Verdict = "durable" | "stale";

/** What a run leaves in the log; undefined where it only read and nothing of it is kept. */
export function entryOf(open: OpenTx, run: string, record?: RunRecord): LogEntry | undefined {
  if (open.writes.size === 0 && open.tasks.length === 0 && !record) return undefined;
  const entry: LogEntry = { run, writes: [...open.writes], tasks: open.tasks };
  if (record) entry.record = { failed: record.state === "failed", text: JSON.stringify(record) };
  return entry;
}

const UNIT_BYTES = 3; // a UTF-16 unit of JSON text as JSON text again: at most 3 bytes in UTF-8 ...
const RAW_UNIT_BYTES = 6; // ... and of any text at most 6 (\u0000)
const FRAME_BYTES = 200; // the entry's own members

/**
 * Bytes that an entry takes in a log document (as JSON text in UTF-8). Small entries are not measured: an upper bound
 * will do for them.
 *
 * @throws AppError `limit_bytes` where the entry alone is larger than `max`
 */
export function entryBytes(entry: LogEntry, max: number): number {
  let bound = FRAME_BYTES + (entry.record?.text.length ?? 0) * UNIT_BYTES;
  for (const [key, value] of entry.writes)
    bound += FRAME_BYTES + key.length * RAW_UNIT_BYTES + (value?.length ?? 0) * UNIT_BYTES;
  for (const body of entry.tasks) bound += FRAME_BYTES + body.length * UNIT_BYTES;
  if (bound <= max) return bound;

  const bytes = Buffer.byteLength(JSON.stringify(entry));
  if (bytes > max) throw new AppError("limit_bytes", `a run commits at most ${max} bytes, this one has ${bytes}`);
  return bytes;
}

/** How many of those who wait, counted from the front, go into the next document: at least one. */
export function batchLength(queue: readonly Waiting[], maxRuns: number, maxBytes: number): number {
  let bytes = 0;
  for (const [i, waiting] of queue.entries()) {
    bytes += waiting.bytes;
    if (i > 0 && (i === maxRuns || bytes > maxBytes)) return i;
  }
  return queue.length;
}
