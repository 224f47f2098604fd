import type { BotMeta, Command } from "../core/bot.ts";
import type { BotCode, Catalog } from "../core/catalog.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import { stateKeys, YARD, yardKeys } from "../core/state-keys.ts";
import { nextId, requireBot } from "./changes.ts";
import type { Change } from "./changes.ts";
import { digestOf } from "./definitions.ts";
import { addSigningKey } from "./link-keys.ts";
import { rows } from "./rows.ts";

export interface BotsDeps {
  ledger: Ledger;
  change: Change;
  /** Drops all that a bot has; may be called again after it was interrupted. */
  forget: (botId: number) => Promise<void>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** An entry of the yard that is younger may belong to a bot which is being made just now. */
const YOUNG_MS = 60 * 60 * 1_000;

export interface Bots extends Pick<Catalog, "bots" | "bot" | "storeBot" | "setDisabled" | "deleteBot"> {
  /** Finishes deletions that a crash cut short. To be called at start, before anything else. */
  finishDeletions(): Promise<void>;
}

/**
 * The bots. The yard's log gives ids and remembers which were given; a bot exists while its own log has its meta, which
 * comes and goes in one commit each. So a crash between the two logs leaves an id unused, and never half a bot.
 */
export function createBots({ ledger, change, forget, now }: BotsDeps): Bots {
  const readMeta = async (botId: number): Promise<BotMeta | null> => {
    const text = await ledger.read(botId, stateKeys.meta);
    return text === null ? null : rows.meta.read(text).meta;
  };
  const yardEntries = async () =>
    [...(await ledger.list(YARD, yardKeys.bots)).values()]
      .map((text) => rows.yardEntry.read(text))
      .sort((a, b) => a.id - b.id);

  const takeId = (at: string) =>
    change(YARD, async (tx) => {
      const id = await nextId(tx, "bot");
      tx.set(yardKeys.bot(id), rows.yardEntry.write({ id, created_at: at }));
      return id;
    });

  async function createBot(code: BotCode): Promise<BotMeta> {
    const at = new Date(now()).toISOString();
    const id = await takeId(at);
    return change(id, async (tx) => {
      const codeSha256 = await writeCode(tx, code);
      const meta = { id, name: code.name, version: 1, disabled: false, created_at: at, updated_at: at };
      addSigningKey(tx, now());
      return writeMeta(tx, meta, codeSha256);
    });
  }

  const updateBot = (code: BotCode, botId: number) =>
    change(botId, async (tx) => {
      const before = await requireBot(tx, botId);
      const codeSha256 = await writeCode(tx, code);
      if (codeSha256 === before.codeSha256 && code.name === before.meta.name) return before.meta;
      return writeMeta(tx, nextVersion({ ...before.meta, name: code.name }), codeSha256);
    });

  const nextVersion = (meta: BotMeta): BotMeta => ({
    ...meta,
    version: meta.version + 1,
    updated_at: new Date(now()).toISOString(),
  });

  /** All of it may be repeated; the yard's entry goes last, for it is what finds an unfinished deletion. */
  async function removeAll(botId: number): Promise<void> {
    await forget(botId);
    await change(YARD, (tx) => {
      tx.set(yardKeys.bot(botId), null);
      return Promise.resolve();
    });
  }

  return {
    async bots() {
      const metas = await Promise.all((await yardEntries()).map(({ id }) => readMeta(id)));
      return metas.filter((meta) => meta !== null);
    },
    bot: readMeta,
    storeBot: (code, botId) => (botId === undefined ? createBot(code) : updateBot(code, botId)),

    setDisabled: (botId, disabled) =>
      change(botId, async (tx) => {
        const { meta, codeSha256 } = await requireBot(tx, botId);
        if (meta.disabled === disabled) return meta;
        return writeMeta(tx, nextVersion({ ...meta, disabled }), codeSha256);
      }),

    async deleteBot(botId) {
      await change(botId, async (tx) => {
        await requireBot(tx, botId);
        tx.set(stateKeys.meta, null); // every run reads it, so none that is under way commits any more
      });
      await removeAll(botId);
    },

    async finishDeletions() {
      for (const { id, created_at } of await yardEntries()) {
        const isYoung = now() - Date.parse(created_at) < YOUNG_MS;
        if (!isYoung && (await readMeta(id)) === null) await removeAll(id);
      }
    },
  };
}

function writeMeta(tx: Tx, meta: BotMeta, codeSha256: string): BotMeta {
  tx.set(stateKeys.meta, rows.meta.write({ meta, codeSha256 }));
  return meta;
}

/** Makes the bot's code this one, writing only what differs. A command keeps its id while it keeps its name. */
async function writeCode(tx: Tx, { commands, libs }: BotCode): Promise<string> {
  const before = new Map([...(await tx.list(stateKeys.commands)), ...(await tx.list(stateKeys.libs))]);
  const after = new Map<string, string>();
  const ids = await commandIds(tx, commands, before);
  for (const command of commands) {
    const id = ids.get(command.name) ?? 0;
    after.set(stateKeys.command(id), rows.command.write({ id, ...command }));
  }
  for (const lib of libs) after.set(stateKeys.lib(lib.name), rows.lib.write(lib));

  for (const key of before.keys()) if (!after.has(key)) tx.set(key, null);
  for (const [key, text] of after) if (before.get(key) !== text) tx.set(key, text);
  return digestOf(after);
}

async function commandIds(
  tx: Tx,
  commands: BotCode["commands"],
  before: ReadonlyMap<string, string>,
): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  for (const [key, text] of before) {
    if (!key.startsWith(stateKeys.commands)) continue;
    const { id, name }: Command = rows.command.read(text);
    known.set(name, id);
  }

  const fresh = commands.filter(({ name }) => !known.has(name));
  if (fresh.length === 0) return known;
  const first = await nextId(tx, "command", fresh.length);
  for (const [i, { name }] of fresh.entries()) known.set(name, first + i);
  return known;
}
