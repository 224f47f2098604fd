import { createHash } from "node:crypto";
import type { BotMeta } from "../core/bot.ts";
import type { BotChange, Catalog } from "../core/catalog.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import type { Seal } from "../core/seal.ts";
import { stateKeys } from "../core/state-keys.ts";
import { rows } from "./rows.ts";

type Secrets = { [K in "token" | "legacy_api_key"]: BotChange[K] | undefined };

/**
 * Puts a bot's secrets away: the token sealed, for its text is needed again, and of the key in old links only the hash.
 *
 * @returns the bot's meta, which says what is there
 */
export function writeSecrets(tx: Tx, meta: BotMeta, secrets: Secrets, seal: Seal): BotMeta {
  const { token, legacy_api_key } = secrets;
  const changed = { ...meta };
  if (token !== undefined) {
    const sealed = token === null ? null : rows.secret.write(seal.close(token, tokenPurpose(meta.id)));
    tx.set(stateKeys.token, sealed);
    delete changed.has_token;
    if (sealed !== null) changed.has_token = true;
  }
  if (legacy_api_key !== undefined) {
    const hash = legacy_api_key === null ? null : rows.secret.write(sha256(legacy_api_key).toString("base64url"));
    tx.set(stateKeys.legacyKey, hash);
    delete changed.has_legacy_api_key;
    if (hash !== null) changed.has_legacy_api_key = true;
  }
  return changed;
}

/** What links in their old form are checked against. */
export function createLegacyLinks({ ledger, seal }: { ledger: Ledger; seal: Seal }): Pick<Catalog, "legacyAuthority"> {
  return {
    async legacyAuthority(botId) {
      const meta = await ledger.read(botId, stateKeys.meta);
      const sealed = await ledger.read(botId, stateKeys.token);
      const hash = await ledger.read(botId, stateKeys.legacyKey);
      if (meta === null) return null;
      return {
        bot: rows.meta.read(meta).meta,
        token: sealed === null ? null : seal.open(rows.secret.read(sealed), tokenPurpose(botId)),
        legacyKeySha256: hash === null ? null : Buffer.from(rows.secret.read(hash), "base64url"),
      };
    },
  };
}

function tokenPurpose(botId: number): string {
  return `token of bot ${botId}`;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
