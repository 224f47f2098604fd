import type { BotMeta } from "../core/bot.ts";
import type { BotChange, BotCode, Catalog, StoreOptions } from "../core/catalog.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import type { ChangeOptions, Once } from "../core/once.ts";
import type { Seal } from "../core/seal.ts";
import { stateKeys, YARD, yardKeys } from "../core/state-keys.ts";
import { nextId, requireBot } from "./changes.ts";
import type { Change } from "./changes.ts";
import { assertSize, codeDigest, makeCodeRows, parseCodeRows, readCodeRows, writeCodeRows } from "./code-rows.ts";
import { writeSecrets } from "./legacy-links.ts";
import { addSigningKey } from "./link-keys.ts";
import type { RestorePoints } from "./restore-points.ts";
import { rows } from "./rows.ts";

export interface BotsDeps {
  ledger: Ledger;
  change: Change;
  points: RestorePoints;
  seal: Seal;
  /** Drops all that a bot has; may be called again after it was interrupted. */
  forget: (botId: number) => Promise<void>;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** An entry of the yard that is younger may belong to a bot which is being made just now. */
const YOUNG_MS = 60 * 60 * 1_000;

type Kept = "bots" | "bot" | "source" | "storeBot" | "changeBot" | "deleteBot" | "restorePoints" | "restoreBot";

/** A bot's code in the middle of a change of it. */
export interface Draft {
  tx: Tx;
  /** To be changed in place. */
  rows: Map<string, string>;
}
export type EditCode = <T>(botId: number, edit: (draft: Draft) => Promise<T>, once?: Once) => Promise<T>;

export interface Bots extends Pick<Catalog, Kept> {
  /** Changes rows of a bot's code in one commit, as the next version of it. @throws AppError `field_invalid` (too much) */
  editCode: EditCode;
  /** Finishes deletions that a crash cut short. To be called at start, before anything else. */
  finishDeletions(): Promise<void>;
}

/**
 * The bots. The yard's log gives ids and remembers which were given; a bot exists while its own log has its meta, which
 * comes and goes in one commit each. So a crash between the two logs leaves an id unused, and never half a bot.
 */
export function createBots({ ledger, change, points, seal, forget, now }: BotsDeps): Bots {
  const readMeta = async (botId: number): Promise<BotMeta | null> => {
    const text = await ledger.read(botId, stateKeys.meta);
    return text === null ? null : rows.meta.read(text).meta;
  };
  const yardEntries = async () =>
    [...(await ledger.list(YARD, yardKeys.bots)).values()]
      .map((text) => rows.yardEntry.read(text))
      .sort((a, b) => a.id - b.id);

  const takeId = (at: string, once: Once | undefined) =>
    change(
      YARD,
      async (tx) => {
        const id = await nextId(tx, "bot");
        tx.set(yardKeys.bot(id), rows.yardEntry.write({ id, created_at: at }));
        return id;
      },
      once,
    );

  async function createBot(code: BotCode, { once, ownerId = null }: StoreOptions): Promise<BotMeta> {
    const at = new Date(now()).toISOString();
    const id = await takeId(at, once);
    return change(
      id,
      async (tx) => {
        const none = new Map<string, string>();
        const after = await makeCodeRows(tx, code, none);
        writeCodeRows(tx, none, after);
        const times = { created_at: at, updated_at: at };
        const meta: BotMeta = { id, name: code.name, version: 1, disabled: false, owner_id: ownerId, ...times };
        addSigningKey(tx, now());
        return writeMeta(tx, meta, codeDigest(after));
      },
      once,
    );
  }

  async function updateBot(code: BotCode, botId: number, { once, expect }: StoreOptions): Promise<BotMeta> {
    await points.prepare(botId);
    return change(
      botId,
      async (tx) => {
        const { meta } = await requireBot(tx, botId);
        expect?.(meta);
        const before = await readCodeRows(tx);
        const after = await makeCodeRows(tx, code, before);
        const isChanged = writeCodeRows(tx, before, after);
        if (!isChanged && code.name === meta.name) return meta;
        await points.keep(tx, { meta, code: before }, "whole");
        return writeMeta(tx, nextVersion({ ...meta, name: code.name }), codeDigest(after));
      },
      once,
    );
  }

  const editCode: EditCode = async (botId, edit, once) => {
    await points.prepare(botId);
    return change(
      botId,
      async (tx) => {
        const { meta } = await requireBot(tx, botId);
        const before = await readCodeRows(tx);
        const after = new Map(before);
        const result = await edit({ tx, rows: after });
        if (writeCodeRows(tx, before, after)) {
          assertSize(after);
          await points.keep(tx, { meta, code: before }, "edit");
          writeMeta(tx, nextVersion(meta), codeDigest(after));
        }
        return result;
      },
      once,
    );
  };

  async function restoreBot(
    botId: number,
    version?: number,
    { once, expect }: ChangeOptions<BotMeta> = {},
  ): Promise<BotMeta> {
    await points.prepare(botId);
    return change(
      botId,
      async (tx) => {
        const { meta } = await requireBot(tx, botId);
        expect?.(meta);
        const point = await points.read(tx, version);
        const before = await readCodeRows(tx);
        const isChanged = writeCodeRows(tx, before, point.code);
        if (!isChanged && isSameState(meta, point.meta)) return meta;
        await points.keep(tx, { meta, code: before }, "whole");
        return writeMeta(tx, nextVersion(withStateOf(meta, point.meta)), codeDigest(point.code));
      },
      once,
    );
  }

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
    async bots(ownerId) {
      const metas = await Promise.all((await yardEntries()).map(({ id }) => readMeta(id)));
      return metas
        .filter((meta) => meta !== null)
        .filter(({ owner_id }) => ownerId === undefined || owner_id === ownerId);
    },
    bot: readMeta,
    source: (botId) =>
      change(botId, async (tx) => {
        const text = await tx.get(stateKeys.meta);
        return text === null ? null : { meta: rows.meta.read(text).meta, ...parseCodeRows(await readCodeRows(tx)) };
      }),
    restorePoints: (botId) => points.list(botId),
    restoreBot,
    editCode,
    storeBot: (code, botId, options = {}) =>
      botId === undefined ? createBot(code, options) : updateBot(code, botId, options),

    changeBot: (botId, { token, legacy_api_key, ...changes }, { once, expect } = {}) =>
      change(
        botId,
        async (tx) => {
          const { meta, codeSha256 } = await requireBot(tx, botId);
          expect?.(meta);
          const changed = writeSecrets(tx, withChanges(meta, changes), { token, legacy_api_key }, seal);
          const hasNewSecret = token != null || legacy_api_key != null;
          if (!hasNewSecret && JSON.stringify(changed) === JSON.stringify(meta)) return meta;
          return writeMeta(tx, nextVersion(changed), codeSha256);
        },
        once,
      ),

    async deleteBot(botId, { expect } = {}) {
      await change(botId, async (tx) => {
        const { meta } = await requireBot(tx, botId);
        expect?.(meta);
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

type Settings = Omit<BotChange, "token" | "legacy_api_key">;

function withChanges(meta: BotMeta, { run_timeout_ms, legacy_links, redirect_hosts, ...changes }: Settings): BotMeta {
  const changed: BotMeta = { ...meta, ...changes };
  if (legacy_links === null) delete changed.legacy_links;
  else if (legacy_links !== undefined) changed.legacy_links = legacy_links;
  if (redirect_hosts?.length === 0) delete changed.redirect_hosts;
  else if (redirect_hosts) changed.redirect_hosts = redirect_hosts;
  if (run_timeout_ms === null) delete changed.run_timeout_ms;
  else if (run_timeout_ms !== undefined) changed.run_timeout_ms = run_timeout_ms;
  return changed;
}

/** What belongs to the code comes from the earlier state; other settings stay as they are now. */
function withStateOf(meta: BotMeta, { name, disabled, run_timeout_ms }: BotMeta): BotMeta {
  const restored = { ...meta, name, disabled };
  delete restored.run_timeout_ms;
  return run_timeout_ms === undefined ? restored : { ...restored, run_timeout_ms };
}

function isSameState(a: BotMeta, b: BotMeta): boolean {
  return a.name === b.name && a.disabled === b.disabled && a.run_timeout_ms === b.run_timeout_ms;
}
