import { AppError } from "../../core/errors.ts";
import type { Appended, LogDoc, LogEntry, LogStart, Position } from "../store.ts";
import { type Collections, isDuplicateId, type LogRow } from "./collections.ts";
import type { Away, Retry } from "./retry.ts";

export interface LogDeps {
  collections: Pick<Collections, "log" | "heads" | "runs">;
  retry: Retry;
  /** Documents of a bot's log that stay, at least 1. */
  keep: number;
  /** Looks above a document that was just inserted; only a test leaves it out. */
  looksUpward?: boolean;
}

/** The bots' logs as documents: one insert under a dense number is the commit point. */
export function createLogDocuments({ collections, retry, keep, looksUpward = true }: LogDeps) {
  const { log, heads, runs } = collections;

  const appliedOf = async (bot: number): Promise<number> =>
    (await retry(() => heads.findOne({ _id: String(bot) })))?.applied ?? 0;

  /** The unbroken chain that ends in the head: what lies below a break is no part of the log. */
  async function open(bot: number): Promise<LogStart> {
    for (;;) {
      const applied = await appliedOf(bot);
      const found = (await retry(() => log.find({ bot, seq: { $gte: applied } }, "seq"))).map(readRow);
      let from = Math.max(0, found.length - 1);
      while (from > 0 && isLinked(found[from - 1], found[from])) from--;
      const docs = found.slice(from);
      const [first] = docs;
      if (!first) {
        if (applied === 0) return { seq: 0, id: "", docs };
        continue; // collected while we looked
      }
      if (first.seq === 1) return { seq: 0, id: "", docs };
      // The first one stands for all below it. Above the hint nothing of it may be derived yet, so it is kept as news.
      if (first.seq > applied) return { seq: first.seq - 1, id: first.prev, docs };
      return { seq: first.seq, id: first.id, docs: docs.slice(1) };
    }
  }

  /** null: what follows that place is not one linked chain any more. */
  async function tail(bot: number, after: Position, code?: Away): Promise<LogDoc[] | null> {
    const docs = (await retry(() => log.find({ bot, seq: { $gt: after.seq } }, "seq"), code)).map(readRow);
    let before = after;
    for (const doc of docs) {
      if (!isLinked(before, doc)) return null;
      before = doc;
    }
    return docs;
  }

  async function append(doc: LogDoc): Promise<Appended> {
    const before = { seq: doc.seq - 1, id: doc.prev };
    const isMine = await insert(writeRow(doc));
    if (!isMine) return { ok: false, tail: await tail(doc.bot, before) };
    if (!looksUpward) return { ok: true, tail: [] };
    // A node may have slept while its number was taken, applied and collected: then its insert succeeds, too. And as
    // long as it does not know, a database that stays away leaves the commit open.
    const above = await tail(doc.bot, doc, "commit_unknown");
    if (above !== null) return { ok: true, tail: above };
    const committed = await isCommitted(doc);
    if (!committed) await retry(() => log.deleteMany([{ _id: rowId(doc), id: doc.id }]), "commit_unknown");
    return { ok: committed, tail: null };
  }

  /** Whether a document whose place is gone was committed before: its runs are derived then. */
  async function isCommitted(doc: LogDoc): Promise<boolean> {
    const traced = doc.entries.find(({ hold }) => hold === undefined);
    if (!traced) return false;
    const row = await retry(() => runs.findOne({ _id: traced.run }), "commit_unknown");
    return row?.seq === doc.seq;
  }

  /** Inserts until the answer is known; the same document gets in once. True: it is there. */
  function insert(row: LogRow): Promise<boolean> {
    return retry(async () => {
      try {
        await log.insertOne(row);
        return true;
      } catch (error) {
        if (!isDuplicateId(error)) throw error;
      }
      const there = await log.findOne({ _id: row._id }); // mine, and only the reply got lost?
      if (there) return there.id === row.id;
      throw new AppError("storage_unavailable", "a log document vanished while it was looked at"); // insert again
    }, "commit_unknown");
  }

  /** Drops old documents, lowest first, so that what remains is one unbroken chain up to the head. */
  async function collect(bot: number): Promise<void> {
    const applied = await appliedOf(bot);
    const old = await retry(() => log.find({ bot, seq: { $lte: applied - keep } }, "seq"));
    for (const { _id, id } of old) await retry(() => log.deleteMany([{ _id, id }]));
  }

  return { open, tail, append, collect };
}

function isLinked(before: Position | undefined, after: LogDoc | undefined): boolean {
  return before !== undefined && after?.seq === before.seq + 1 && after.prev === before.id;
}

const SEQ_DIGITS = 10;
function rowId({ bot, seq }: Pick<LogDoc, "bot" | "seq">): string {
  return `${bot}/${String(seq).padStart(SEQ_DIGITS, "0")}`;
}
function writeRow({ bot, seq, id, prev, by, at, entries }: LogDoc): LogRow {
  return { _id: rowId({ bot, seq }), bot, seq, id, prev, by, at, entries: JSON.stringify(entries) };
}
/** @param row as `writeRow` made it, and nobody else */
function readRow({ bot, seq, id, prev, by, at, entries }: LogRow): LogDoc {
  return { bot, seq, id, prev, by, at, entries: JSON.parse(entries) as LogEntry[] };
}
