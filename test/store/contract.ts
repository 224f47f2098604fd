import { describe } from "vitest";
import { dataContract } from "./contract-data.ts";
import { isolationContract } from "./contract-isolation.ts";
import { onceContract } from "./contract-once.ts";
import { txContract } from "./contract-tx.ts";
import { twoNodesContract } from "./contract-two-nodes.ts";
import type { StoreKind } from "./harness.ts";

/** What every store has to do, under the one pipeline. */
export function storeContract(kind: StoreKind): void {
  describe(`a bot's log on ${kind.name}`, () => {
    isolationContract(kind);
    onceContract(kind);
    txContract(kind);
    dataContract(kind);
    if (kind.shared) twoNodesContract(kind);
  });
}
