import { createMemoryDatabase, createMemoryStore } from "../../src/store/memory.ts";
import { storeContract } from "./contract.ts";

for (const shared of [false, true])
  storeContract({
    name: shared ? "a memory that two nodes share" : "memory",
    shared,
    durable: false,
    create() {
      const database = createMemoryDatabase();
      return {
        open: () => createMemoryStore({ database, shared, keep: 20 }),
        tasks: (bot) => database.bots.get(bot)?.tasks ?? [],
        dispose: () => undefined,
      };
    },
  });
