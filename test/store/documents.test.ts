import { describe } from "vitest";
import { createDocumentStore } from "../../src/store/mongo/document-store.ts";
import type { Backend } from "../../src/store/store.ts";
import { isolationContract } from "./contract-isolation.ts";
import { onceContract } from "./contract-once.ts";
import { twoNodesContract } from "./contract-two-nodes.ts";
import { txContract } from "./contract-tx.ts";
import { createQuietCollections } from "./documents.ts";
import { breathe, type StoreKind } from "./harness.ts";

// The commit protocol over documents that do what they are told; the simulator has those that do not.
const kind: StoreKind = {
  name: "documents",
  shared: true,
  durable: true,
  create() {
    const collections = createQuietCollections();
    return {
      open(): Backend {
        const store = createDocumentStore({ collections, keep: 20, sleep: breathe });
        const later = () => Promise.reject(new Error("comes with the database driver"));
        const nothing = () => Promise.resolve();
        return { ...store, runRecords: later, forget: later, ping: nothing, close: nothing };
      },
      async tasks(bot) {
        for (let i = 0; i < 20; i++) await breathe(); // they are derived behind the answer
        return collections.tasks.find({ bot });
      },
      dispose: () => undefined,
    };
  },
};

describe("a bot's log on documents", () => {
  isolationContract(kind);
  onceContract(kind);
  txContract(kind);
  twoNodesContract(kind);
});
