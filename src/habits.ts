import type { BotDefinition } from "./core/bot.ts";
import type { Tx } from "./core/ledger.ts";
import { propertyRef, readPropertyRef, type RunJob } from "./core/outcome.ts";
import type { User } from "./core/people.ts";
import type { PropertyOwner } from "./core/property.ts";
import { stateKeys } from "./core/state-keys.ts";

const COMMANDS_KNOWN = 5_000;
const NAMES_PER_COMMAND = 64;

/** Which properties a command tends to read, so that they are there before it asks. A guess: a wrong one costs a read. */
export interface Habits {
  prefetch(
    tx: Tx,
    bot: BotDefinition,
    resolved: RunJob["resolved"],
    user: User | null,
  ): Promise<Map<string, string | null>>;
  learn(bot: BotDefinition, resolved: RunJob["resolved"], user: User | null, asked: Iterable<string>): void;
}

export function createHabits(): Habits {
  /** Bot, version and command → names, with "u" for "the user of the run". */
  const names = new Map<string, Set<string>>();
  const keyOf = (bot: BotDefinition, resolved: RunJob["resolved"]): string =>
    `${bot.meta.id}/${bot.meta.version}/${resolved.kind === "command" ? resolved.command.id : `on ${resolved.name}`}`;

  return {
    async prefetch(tx, bot, resolved, user) {
      const known = names.get(keyOf(bot, resolved));
      const refs = new Map<string, string>(); // store key → ref
      for (const name of known ?? []) {
        const owner: PropertyOwner | undefined = name.startsWith("u/") ? user?.id : null;
        if (owner === undefined) continue;
        refs.set(stateKeys.property(owner, name.slice(2)), propertyRef(owner, name.slice(2)));
      }
      if (refs.size === 0) return new Map();
      const values = await tx.prefetch([...refs.keys()]);
      return new Map([...values].map(([key, value]) => [refs.get(key) ?? key, value]));
    },
    learn(bot, resolved, user, asked) {
      const key = keyOf(bot, resolved);
      const known = names.get(key) ?? new Set<string>();
      for (const ref of asked) {
        const { owner, name } = readPropertyRef(ref);
        if (known.size >= NAMES_PER_COMMAND) break;
        if (owner === null) known.add(`b/${name}`);
        else if (owner === user?.id) known.add(`u/${name}`);
      }
      names.delete(key); // and to the end: the least used goes first
      names.set(key, known);
      if (names.size > COMMANDS_KNOWN)
        for (const [oldest] of names) if (names.size > COMMANDS_KNOWN) names.delete(oldest);
    },
  };
}
