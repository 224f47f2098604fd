import type { BotMeta } from "./core/bot.ts";
import { YARD } from "./core/state-keys.ts";

export interface SweepDeps {
  bots: () => Promise<BotMeta[]>;
  /** Deletes idempotency keys whose run is older than `before`. @returns how many */
  expireKeys: (bot: number, before: number) => Promise<number>;
  /** Milliseconds since 1970. */
  now: () => number;
  log: (line: Record<string, unknown>) => void;
}

/** Longer than any caller goes on asking for an answer that it did not get. */
const KEYS_MS = 30 * 24 * 60 * 60 * 1_000;

/** Lets go of idempotency keys that are too old to come again, of the yard and of one bot after another. */
export function createSweep({ bots, expireKeys, now, log }: SweepDeps) {
  return async function sweep(): Promise<void> {
    let keys = 0;
    try {
      for (const bot of [YARD, ...(await bots()).map(({ id }) => id)]) keys += await expireKeys(bot, now() - KEYS_MS);
    } catch (error) {
      log({ level: "warn", event: "sweep.failed", error: error instanceof Error ? error.message : String(error) });
    }
    if (keys > 0) log({ event: "sweep", keys });
  };
}
