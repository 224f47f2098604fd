import { readRecord, type Backend } from "../store.ts";
import type { Collections } from "./collections.ts";
import { createDerive } from "./derive.ts";
import { createLogDocuments } from "./log-documents.ts";
import { createRetry } from "./retry.ts";

export interface DocumentStoreOptions {
  collections: Collections;
  /** Documents of a bot's log that stay, at least 1. */
  keep: number;
  sleep: (ms: number) => Promise<void>;
}

/** The part of a backend that is the commit protocol: what a run needs, over documents that several nodes write. */
export type DocumentStore = Pick<
  Backend,
  "shared" | "derivesOnAppend" | "open" | "tail" | "append" | "getMany" | "list" | "apply" | "runRecord"
> & { collect: (bot: number) => Promise<void> };

export function createDocumentStore({ collections, keep, sleep }: DocumentStoreOptions): DocumentStore {
  const retry = createRetry(sleep);
  const { open, tail, append, collect } = createLogDocuments({ collections, retry, keep });
  return {
    shared: true,
    derivesOnAppend: false,
    ...{ open, tail, append, collect },
    ...createDerive({ collections, retry }),
    runRecord: async (id) => {
      const row = await retry(() => collections.runs.findOne({ _id: id }));
      return row && row.record !== "" ? readRecord(row.record) : null;
    },
  };
}
