import { join } from "node:path";
import { AppError } from "../../core/errors.ts";
import { readRecord, type Backend, type LogDoc, type Position } from "../store.ts";
import { openReading, openWriting } from "./connection.ts";
import { storageError, translated } from "./errors.ts";
import { lockFolder } from "./folder-lock.ts";
import { createReader } from "./reader.ts";
import { migrate } from "./schema.ts";
import { startWriterThread } from "./writer-thread.ts";
import type { WriterFaults } from "./writer-messages.ts";

const KEEP_LOG = 1_000;
const KEEP_RUNS = 1_000;
const KEEP_RUNS_MS = 7 * 24 * 60 * 60 * 1000;
const EXPIRE_EVERY_MS = 60_000;

export interface SqliteStoreOptions {
  /** The folder; made where it is missing. */
  dataDir: string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Log documents of a bot that stay. */
  keepLog?: number;
  /** Run records of a bot that stay, and for how long (milliseconds). */
  keepRuns?: number;
  keepRunsMs?: number;
  faults?: WriterFaults;
}

/**
 * The store in one SQLite file, for one server. Commits go through a thread of their own and are on the disk when
 * `append` resolves; reads are answered in the calling thread.
 *
 * @throws AppError `storage_unavailable`: the folder is in use or cannot be written, the file is not ours or too new
 */
export function createSqliteStore(options: SqliteStoreOptions): Backend {
  const { dataDir, now, keepLog = KEEP_LOG, keepRuns = KEEP_RUNS, keepRunsMs = KEEP_RUNS_MS, faults } = options;
  const file = join(dataDir, "botyard.sqlite");
  const unlock = lockFolder(dataDir);
  const db = (() => {
    try {
      return translated(dataDir, () => {
        prepareFile(file);
        return openReading(file);
      });
    } catch (error) {
      unlock();
      throw forOperator(error);
    }
  })();
  const reader = createReader(db);
  const writer = startWriterThread({
    options: { file, keepLog, keepRuns, ...(faults ? { faults } : {}) },
    translate: (fault) => storageError(fault, dataDir),
    stands: (doc) => reader.stands(doc),
  });
  const reading = <T>(work: () => T) =>
    new Promise<T>((done) => {
      done(translated(dataDir, work));
    });

  const expiry = setInterval(() => {
    // A sweep that fails is done by the next one; what ails the store is heard from its commits.
    writer.expire(now() - keepRunsMs).catch(() => undefined);
  }, EXPIRE_EVERY_MS);
  expiry.unref();

  return {
    shared: false,
    derivesOnAppend: true,
    open: (bot) => reading(() => ({ ...reader.head(bot), docs: [] })),
    tail: (bot, after) => reading(() => tailOf(reader.log(bot, after.seq), after)),
    async append(doc) {
      const written = await writer.commit(doc);
      if (written === "stands") return { ok: true, tail: [] };
      if (written !== "refused") throw storageError(written, dataDir);
      const after = { seq: doc.seq - 1, id: doc.prev };
      return { ok: false, tail: await reading(() => tailOf(reader.log(doc.bot, after.seq), after)) };
    },
    getMany: (bot, keys) => reading(() => keys.map((key) => reader.get(bot, key))),
    list: (bot, prefix) => reading(() => reader.list(bot, prefix)),
    apply: () => Promise.resolve(),
    runRecord: (id) =>
      reading(() => {
        const text = reader.record(id);
        return text === undefined ? null : readRecord(text);
      }),
    runRecords: (query) => reading(() => reader.records(query).map(readRecord)),
    forget: (bot) => writer.forget(bot),
    async ping() {
      await reading(() => reader.head(0));
      await writer.ping();
    },
    async close() {
      clearInterval(expiry);
      await writer.close();
      db.close();
      unlock();
    },
  };
}

/** At the start only the operator listens, so the sentence that names the folder is the message. */
function forOperator(error: unknown): unknown {
  if (!(error instanceof AppError) || !(error.cause instanceof Error)) return error;
  return new AppError(error.code, error.cause.message, { cause: error });
}

function prepareFile(file: string): void {
  const db = openWriting(file);
  try {
    migrate(db, file);
  } finally {
    db.close();
  }
}

function tailOf(docs: LogDoc[], after: Position): LogDoc[] | null {
  const [first] = docs;
  return first && (first.seq !== after.seq + 1 || first.prev !== after.id) ? null : docs;
}
