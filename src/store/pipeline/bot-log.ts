import type { RunRecord } from "../../core/run-record.ts";
import type { Backend, LogDoc, LogEntry, LogStart, StateRow } from "../store.ts";
import { batchLength, entryBytes, entryOf, type Verdict, type Waiting } from "./batch.ts";
import { createChanges } from "./changes.ts";
import { createOverlay } from "./overlay.ts";
import { createTurns, type Turns } from "./turns.ts";
import { createTx, type OpenTx } from "./tx.ts";
import { createView } from "./view.ts";

/** What the logs of one node have in common. */
export interface Node {
  backend: Backend;
  /** The node's own mark in log documents. */
  id: string;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  newId: (kind: "run" | "doc") => string;
  /** Calls `flush` soon, those of all logs that asked in one turn of the event loop. */
  schedule: (flush: () => void) => void;
  batchRuns: number;
  batchBytes: number;
  /** Hears of what went wrong behind an answer that was already given. */
  onError: (error: unknown) => void;
}

/** One bot's log on one node: its position, what is not yet applied, and the runs that wait to become durable. */
export interface BotLog {
  readonly turns: Turns;
  begin(): OpenTx;
  end(open: OpenTx): void;
  /**
   * Resolves once the run is durable, or as soon as it is clear that it has to run again.
   *
   * @throws AppError `limit_bytes`, `storage_unavailable`, `commit_unknown`
   */
  commit(open: OpenTx, run: string, record?: RunRecord, accepted?: () => void): Promise<Verdict>;
  /** Asks other nodes to leave the log alone for so long. */
  hold(ms: number): Promise<void>;
  /** Committed values that are perhaps not derived yet. */
  committed(key: string): StateRow | undefined;
  committedUnder(prefix: string): StateRow[];
  /** A record that is perhaps not derived yet. */
  recordText(run: string): string | undefined;
  /** Nothing waits, nothing is to be applied, no run lives. */
  isIdle(): boolean;
  /** When this node last knew the log's head. */
  seenAt(): number;
  /** Lets go of the log: what is being committed is still answered, all else has to run again on a log opened anew. */
  drop(): void;
  /** Resolves when nothing waits any more. */
  flushed(): Promise<void>;
}

const QUIET_STEP_MS = 20;
const APPLY_RETRY_MS = 1_000;

export function createBotLog(node: Node, bot: number, from: LogStart, onDead: () => void): BotLog {
  const { backend } = node;
  let { seq, id } = from;
  let seenAt = node.now();
  let queue: Waiting[] = [];
  let sent: Waiting[] = []; // the front of the queue, once the store was asked to keep it
  let unapplied: LogDoc[] = [];
  const recent = createOverlay();
  const pending = createOverlay();
  const changes = createChanges();
  const view = createView({ backend, bot, changes, recent, pending });
  const living = new Set<OpenTx>(); // oldest first
  let flushing = false;
  let scheduled = false;
  let flushed = Promise.resolve();
  let applying = false;
  let dead = false;
  let quietUntil = 0; // by our own clock

  function isValid({ keys, prefixes }: OpenTx): boolean {
    for (const [key, at] of keys) if (changes.keySince(key, at)) return false;
    for (const [prefix, at] of prefixes) if (changes.prefixSince(prefix, at)) return false;
    return true;
  }

  async function enqueue(open: OpenTx, entry: LogEntry | undefined): Promise<Verdict> {
    const bytes = entry ? entryBytes(entry, node.batchBytes) : 0;
    // In a store of our own nothing can have come between, and what it read is durable already.
    if (!entry && !backend.shared && queue.length === 0) return "durable";
    return new Promise((settle, fail) => {
      queue.push({ open, entry, bytes, settle, fail });
      show(open);
      changes.add(open.writes.keys());
      if (flushing || scheduled) return;
      scheduled = true;
      node.schedule(flush);
    });
  }

  function show({ writes }: OpenTx) {
    const later = Number.MAX_SAFE_INTEGER; // than all that is committed
    for (const [key, value] of writes) pending.set({ key, value, seq: later });
  }

  function showQueue() {
    pending.clear();
    for (const { open } of queue) show(open);
  }

  function flush() {
    scheduled = false;
    if (!flushing) flushed = flushAll();
  }

  async function flushAll(): Promise<void> {
    flushing = true;
    try {
      while (queue.length > 0 && !dead) {
        for (let wait = quietUntil - node.now(); wait > 0; wait = quietUntil - node.now())
          await node.sleep(Math.min(wait, QUIET_STEP_MS));
        sent = queue.slice(0, batchLength(queue, node.batchRuns, node.batchBytes));
        const entries = sent.flatMap(({ entry }) => entry ?? []);
        if (entries.length > 0) await appendSent(entries);
        else await proveSent();
      }
    } catch (error) {
      for (const { fail } of sent) fail(error);
      drop();
    } finally {
      flushing = false;
      if (dead) giveBack();
    }
  }

  /** Only readers: it is enough that nothing came between. */
  async function proveSent() {
    const tail = backend.shared ? await backend.tail(bot, { seq, id }) : [];
    seenAt = node.now();
    if (tail === null) drop();
    else if (tail.length > 0) absorb(tail);
    else settleSent("durable");
  }

  async function appendSent(entries: LogEntry[]) {
    const doc = { bot, seq: seq + 1, prev: id, id: node.newId("doc"), by: node.id, at: node.now(), entries };
    const { ok, tail } = await backend.append(doc);
    seenAt = node.now();
    if (ok) {
      place(doc);
      settleSent("durable");
    }
    if (tail === null || (!ok && tail.length === 0)) drop();
    else if (tail.length > 0) absorb(tail);
  }

  function settleSent(verdict: Verdict) {
    queue = queue.slice(sent.length);
    for (const { settle } of sent) settle(verdict);
    sent = [];
    showQueue();
    void apply();
  }

  /** A committed document comes after all that is here. Returns the names it wrote. */
  function place(doc: LogDoc): string[] {
    ({ seq, id } = doc);
    const names: string[] = [];
    if (!backend.derivesOnAppend) unapplied.push(doc);
    for (const { writes } of doc.entries)
      for (const [key, value] of writes) {
        names.push(key);
        if (!backend.derivesOnAppend) recent.set({ key, value, seq });
      }
    return names;
  }

  /** A foreign document ends the quiet that one before it asked for, and may ask for its own. */
  function heed(doc: LogDoc) {
    if (doc.by === node.id) return;
    quietUntil = 0;
    for (const { hold } of doc.entries) if (hold !== undefined) quietUntil = node.now() + hold;
  }

  /** What others committed stands before everything that waits here: whoever read what it wrote runs again. */
  function absorb(tail: readonly LogDoc[]) {
    const news = new Set<string>();
    for (const doc of tail) {
      for (const name of place(doc)) news.add(name);
      heed(doc);
    }
    const kept: Waiting[] = [];
    for (const waiting of queue) {
      if (!hasRead(waiting.open, news)) {
        kept.push(waiting);
        continue;
      }
      for (const key of waiting.open.writes.keys()) news.add(key); // whoever read this run's writes runs again, too
      waiting.settle("stale");
    }
    queue = kept;
    sent = [];
    showQueue();
    changes.add(news);
    void apply();
  }

  async function apply() {
    if (applying || unapplied.length === 0) return;
    applying = true;
    while (unapplied.length > 0 && !dead) {
      const docs = unapplied.slice();
      try {
        await backend.apply(bot, docs);
        unapplied = unapplied.slice(docs.length);
        recent.dropUntil(docs.at(-1)?.seq ?? 0);
      } catch (error) {
        node.onError(error);
        await node.sleep(APPLY_RETRY_MS);
      }
    }
    applying = false;
  }

  function drop() {
    if (dead) return;
    dead = true;
    onDead();
    if (!flushing) giveBack(); // else only once the store has said what became of those it was asked to keep
  }

  function giveBack() {
    for (const { settle } of queue) settle("stale"); // no news to those who have their answer
    queue = [];
    sent = [];
  }

  for (const doc of from.docs) {
    place(doc);
    heed(doc);
  }
  void apply();

  return {
    turns: createTurns(),
    begin() {
      const open = createTx(view, changes.clock());
      living.add(open);
      return open;
    },
    end(open) {
      living.delete(open);
      const [oldest] = living;
      changes.forgetUntil(oldest ? oldest.born : changes.clock());
    },
    async commit(open, run, record, accepted) {
      if (dead || !isValid(open)) return "stale";
      const durable = enqueue(open, entryOf(open, run, record));
      accepted?.();
      return durable;
    },
    async hold(ms) {
      if (dead) return;
      const entry = { run: node.newId("run"), writes: [], tasks: [], hold: ms };
      await enqueue(createTx(view, changes.clock()), entry);
    },
    committed: (key) => recent.get(key),
    committedUnder: (prefix) => recent.under(prefix),
    recordText(run) {
      for (const { entries } of unapplied)
        for (const entry of entries) if (entry.run === run) return entry.record?.text;
      return undefined;
    },
    isIdle: () => queue.length === 0 && unapplied.length === 0 && living.size === 0 && !flushing && !applying,
    seenAt: () => seenAt,
    drop,
    async flushed() {
      while (queue.length > 0) {
        flush();
        await flushed;
      }
    },
  };
}

function hasRead({ keys, prefixes }: OpenTx, names: ReadonlySet<string>): boolean {
  for (const key of keys.keys()) if (names.has(key)) return true;
  if (prefixes.size === 0) return false;
  for (const name of names) for (const prefix of prefixes.keys()) if (name.startsWith(prefix)) return true;
  return false;
}
