import type { Catalog, LinkKey } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import { stateKeys } from "../core/state-keys.ts";
import { assertBot, requireBot } from "./changes.ts";
import type { Change } from "./changes.ts";
import { rows } from "./rows.ts";

export interface LinkKeysDeps {
  ledger: Ledger;
  change: Change;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Marks of spent links that go in the commit of their key; a key with more of them needs further commits. */
const MARKS_PER_COMMIT = 5_000;

type LinkKeys = Pick<Catalog, "linkKeys" | "rotateLinkKey" | "revokeLinkKey">;

/** The keys that sign a bot's links: one that signs, and at most one more whose links are still good. */
export function createLinkKeys({ ledger, change, now }: LinkKeysDeps): LinkKeys {
  /** Deletes keys and what hangs on them. A mark may go as soon as the key is dead: no link of it works again. */
  async function removeKeys(tx: Tx, kids: readonly string[]): Promise<void> {
    for (const kid of kids) {
      tx.set(stateKeys.linkKey(kid), null);
      const marks = await tx.list(stateKeys.spentLinks(kid));
      for (const mark of [...marks.keys()].slice(0, MARKS_PER_COMMIT)) tx.set(mark, null);
    }
  }

  async function clearMarks(botId: number, kids: readonly string[]): Promise<void> {
    for (const kid of kids)
      for (;;) {
        const marks = [...(await ledger.list(botId, stateKeys.spentLinks(kid))).keys()].slice(0, MARKS_PER_COMMIT);
        if (marks.length === 0) break;
        await change(botId, (tx) => {
          for (const mark of marks) tx.set(mark, null);
          return Promise.resolve();
        });
      }
  }

  return {
    async linkKeys(botId) {
      await assertBot(ledger, botId);
      return sortKeys(await ledger.list(botId, stateKeys.linkKeys), now()).live;
    },

    async rotateLinkKey(botId, overlapSeconds, { once } = {}) {
      const rotate = async (tx: Tx) => {
        await requireBot(tx, botId);
        const at = now();
        const { live, dead } = sortKeys(await tx.list(stateKeys.linkKeys), at);
        const signing = live.find(isSigning);
        const stays = overlapSeconds > 0 ? signing : undefined;
        if (stays) setKey(tx, { ...stays, expires_at: iso(at + overlapSeconds * 1_000) });

        const gone = [...dead, ...live].filter((old) => old !== stays).map(({ kid }) => kid);
        await removeKeys(tx, gone);
        return { key: addSigningKey(tx, at), gone };
      };
      const { key, gone } = await change(botId, rotate, once);
      await clearMarks(botId, gone);
      return key;
    },

    async revokeLinkKey(botId, kid) {
      await change(botId, async (tx) => {
        await requireBot(tx, botId);
        const at = now();
        const { live } = sortKeys(await tx.list(stateKeys.linkKeys), at);
        const key = live.find((one) => one.kid === kid);
        if (!key) throw new AppError("key_not_found", `bot ${botId} has no link key ${kid}`);
        await removeKeys(tx, [kid]);
        if (isSigning(key)) addSigningKey(tx, at);
      });
      await clearMarks(botId, [kid]);
    },
  };
}

/** A bot gets its first key in the commit that makes it, and a new one in the commit that takes the old one away. */
export function addSigningKey(tx: Pick<Tx, "set">, at: number): LinkKey {
  const key: LinkKey = { kid: newId("key", at), created_at: iso(at), expires_at: null };
  setKey(tx, key);
  return key;
}

function setKey(tx: Pick<Tx, "set">, key: LinkKey): void {
  tx.set(stateKeys.linkKey(key.kid), rows.linkKey.write(key));
}

/** `live`: the signing one first, then the newer one first. */
function sortKeys(list: ReadonlyMap<string, string>, at: number): { live: LinkKey[]; dead: LinkKey[] } {
  const keys = [...list.values()].map((text) => rows.linkKey.read(text));
  const isLive = (key: LinkKey) => key.expires_at === null || Date.parse(key.expires_at) > at;
  const order = (a: LinkKey, b: LinkKey) =>
    Number(isSigning(b)) - Number(isSigning(a)) || b.created_at.localeCompare(a.created_at);
  return { live: keys.filter(isLive).sort(order), dead: keys.filter((key) => !isLive(key)) };
}

function isSigning(key: LinkKey): boolean {
  return key.expires_at === null;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
