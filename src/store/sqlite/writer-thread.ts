import { getCompileCacheDir } from "node:module";
import { Worker } from "node:worker_threads";
import { AppError } from "../../core/errors.ts";
import type { LogDoc } from "../store.ts";
import { faultOf, type SqliteFault } from "./errors.ts";
import { packDocs } from "./frame.ts";
import type { Job, Reply, WriterOptions } from "./writer-messages.ts";

/** What became of a document: whether it stands, refused by its log's head, or a fault of the database. */
export type Written = "stands" | "refused" | SqliteFault;

/** The writer's thread, as the main thread sees it. Methods reject with the translated error. */
export interface WriterThread {
  /** Documents that are handed over in one turn travel together. */
  commit(doc: LogDoc): Promise<Written>;
  forget(bot: number): Promise<void>;
  expire(before: number): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface WriterThreadDeps {
  options: WriterOptions;
  translate: (fault: SqliteFault) => AppError;
  /** Whether a document is in the file: asked when the thread was lost and cannot say so itself. */
  stands: (doc: LogDoc) => boolean;
}

type Body = Job extends infer One ? (One extends Job ? Omit<One, "n"> : never) : never;
interface Asked {
  settle: (reply: Reply) => void;
  lost: () => void;
}

const LOST: SqliteFault = { code: "SQLITE_IOERR", message: "the writer's thread ended" };

export function startWriterThread({ options, translate, stands }: WriterThreadDeps): WriterThread {
  const asked = new Map<number, Asked>();
  let count = 0;
  let worker: Worker | undefined;
  let closed = false;
  let lost = LOST;
  let waiting: { doc: LogDoc; settle: (what: Written) => void }[] = [];

  /** A thread that was lost is started again by the next job. */
  function running(): Worker {
    if (worker) return worker;
    const cache = getCompileCacheDir(); // else the thread would load the type stripper once more: 10 MB
    const env = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
    const started = new Worker(new URL("./writer.ts", import.meta.url), { workerData: options, env });
    started.on("message", (replies: Reply[]) => {
      for (const reply of replies) {
        const { settle } = asked.get(reply.n) ?? {};
        asked.delete(reply.n);
        settle?.(reply);
      }
    });
    started.on("error", (error) => {
      lost = { ...LOST, message: `${LOST.message}: ${faultOf(error).message}` };
    });
    started.on("exit", () => {
      worker = undefined;
      const orphans = [...asked.values()];
      asked.clear();
      for (const orphan of orphans) orphan.lost();
    });
    worker = started;
    return started;
  }

  function ask(body: Body, one: Asked) {
    const n = ++count;
    asked.set(n, one);
    running().postMessage({ n, ...body });
  }
  function askFor(body: Body): Promise<void> {
    return new Promise((resolve, reject) => {
      ask(body, {
        settle: (reply) => {
          if ("fault" in reply) reject(translate(reply.fault));
          else resolve();
        },
        lost: () => {
          if (closed) resolve();
          else reject(translate(lost));
        },
      });
    });
  }

  function send() {
    const group = waiting;
    waiting = [];
    const docs = group.map(({ doc }) => doc);
    ask(
      { kind: "commit", cells: packDocs(docs) },
      {
        settle(reply) {
          if ("fault" in reply) for (const { settle } of group) settle(reply.fault);
          else
            for (const [place, { settle }] of group.entries())
              settle(reply.refused?.includes(place) ? "refused" : "stands");
        },
        lost() {
          for (const { doc, settle } of group) settle(whatStands(doc));
        },
      },
    );
  }
  function whatStands(doc: LogDoc): Written {
    try {
      return stands(doc) ? "stands" : lost;
    } catch (error) {
      return faultOf(error);
    }
  }

  running();
  return {
    commit: (doc) =>
      new Promise((settle) => {
        if (waiting.push({ doc, settle }) === 1) queueMicrotask(send);
      }),
    forget: (bot) => askFor({ kind: "forget", bot }),
    expire: (before) => askFor({ kind: "expire", before }),
    ping: () => askFor({ kind: "ping" }),
    async close() {
      closed = true;
      if (!worker) return;
      const gone = new Promise((done) => worker?.once("exit", done));
      await askFor({ kind: "close" });
      await gone;
    },
  };
}
