import { createBotLog, type BotLog, type Node } from "./bot-log.ts";

/** A node that has not seen a log's head for so long opens it anew: what it knows may have been collected since. */
const SLEPT_MS = 60_000;

/** The logs that this node has open, the least recently used of them closed when there are too many. */
export interface OpenLogs {
  get(bot: number): BotLog | Promise<BotLog>;
  peek(bot: number): BotLog | undefined;
  all(): Iterable<BotLog>;
  count(): number;
}

/** @param max logs that stay open while they are idle */
export function createOpenLogs(node: Node, max: number): OpenLogs {
  const logs = new Map<number, BotLog>(); // least recently used first
  const opening = new Map<number, Promise<BotLog>>();

  async function open(bot: number): Promise<BotLog> {
    try {
      const start = await node.backend.open(bot);
      const log: BotLog = createBotLog(node, bot, start, () => {
        if (logs.get(bot) === log) logs.delete(bot);
      });
      logs.set(bot, log);
      evict();
      return log;
    } finally {
      opening.delete(bot);
    }
  }

  /** Looks at a few of the oldest only: one that is busy is not old for long. */
  function evict() {
    let looks = 8;
    for (const log of logs.values()) {
      if (logs.size <= max || looks-- === 0) return;
      if (log.isIdle()) log.drop();
    }
  }

  return {
    get(bot) {
      const log = logs.get(bot);
      if (log && node.backend.shared && node.now() - log.seenAt() > SLEPT_MS) log.drop();
      else if (log) {
        if (logs.size > max / 2) {
          logs.delete(bot);
          logs.set(bot, log);
        }
        return log;
      }
      const promise = opening.get(bot) ?? open(bot);
      opening.set(bot, promise);
      return promise;
    },
    peek: (bot) => logs.get(bot),
    all: () => logs.values(),
    count: () => logs.size,
  };
}
