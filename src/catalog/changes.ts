import { AppError } from "../core/errors.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import type { Once } from "../core/once.ts";
import { stateKeys, type Counted } from "../core/state-keys.ts";
import { rows } from "./rows.ts";
import type { StoredMeta } from "./rows.ts";

export type Change = <T>(bot: number, make: (tx: Tx) => Promise<T>, once?: Once) => Promise<T>;

/**
 * One commit in a bot's log, made again from nothing after a conflict. With `once` what it gives must be JSON.
 *
 * @throws AppError `key_reused`
 */
export function createChange(ledger: Ledger): Change {
  return async (bot, make, once) => {
    if (!once) return ledger.run(bot, async (tx) => ({ answer: await make(tx) }));
    const { key, print } = once;
    const first = await ledger.run(bot, async (tx) => ({ answer: { value: await make(tx), print } }), { key });
    if (first.print !== print)
      throw new AppError("key_reused", "this Idempotency-Key came before with another request");
    return first.value;
  };
}

export function botNotFound(botId: number): AppError {
  return new AppError("bot_not_found", `there is no bot ${botId}`);
}

/** Being a read, it makes the change conflict with the deletion of the bot. @throws AppError `bot_not_found` */
export async function requireBot(tx: Pick<Tx, "get">, botId: number): Promise<StoredMeta> {
  const text = await tx.get(stateKeys.meta);
  if (text === null) throw botNotFound(botId);
  return rows.meta.read(text);
}

/** The same outside any change. @throws AppError `bot_not_found` */
export async function assertBot(ledger: Ledger, botId: number): Promise<void> {
  if ((await ledger.read(botId, stateKeys.meta)) === null) throw botNotFound(botId);
}

/** Ids count from 1 in each log and are never given again. */
export async function nextId(tx: Tx, of: Counted, count = 1): Promise<number> {
  const key = stateKeys.counter(of);
  const text = await tx.get(key);
  const last = text === null ? 0 : rows.counter.read(text);
  if (count > 0) tx.set(key, rows.counter.write(last + count));
  return last + 1;
}
