import { timingSafeEqual } from "node:crypto";
import type { Catalog } from "../../core/catalog.ts";
import { AppError } from "../../core/errors.ts";
import { readIntegerId } from "../../core/ids.ts";
import type { SignedLink } from "../../core/link.ts";
import type { QueryPair } from "../query-pairs.ts";
import { baseName } from "./claims.ts";
import { isSameText, legacyToken, sha256 } from "./legacy-token.ts";
import { redirectTarget } from "./redirect-target.ts";
import { signatureInvalid } from "./verify-link.ts";

export interface VerifyLegacyDeps {
  authority: Catalog["legacyAuthority"];
  /** What holds for bots that do not say it themselves. */
  onByDefault: boolean;
  /** Whether a key is one of whoever has the bot; null: the operator. */
  isOwnersKey: (ownerId: string | null, key: string) => Promise<boolean>;
  log: (line: Record<string, unknown>) => void;
}

/** A link that may be called: signed, or in the old form, which signs less and has no key id. */
export type GoodLink = Omit<SignedLink, "kid"> & { kid?: string; legacy?: true };

const PROOFS: ReadonlySet<string> = new Set(["public_user_token", "api_key"]);
const NAMES: ReadonlySet<string> = new Set([...PROOFS, "command", "user_id", "content", "redirect_to"]);
const DECOY = "0:a token that no bot has";

/** Whether a query claims to be a link in the old form. Where it has a signature, that one counts. */
export function isLegacyForm(pairs: readonly QueryPair[]): boolean {
  return pairs.some(({ name }) => PROOFS.has(name)) && !pairs.some(({ name }) => baseName(name) === "sig");
}

/**
 * Checks a link in its old form. It proves command and user; content and target of a redirect are the caller's word, so
 * that the one is marked and the other goes only to hosts that the bot lists.
 *
 * @returns a function that throws AppError `link_signature_invalid`, whatever is wrong; the log says what it was
 * @see BJS, decisions 11, 17 and 40
 */
export function createVerifyLegacy({ authority, onByDefault, isOwnersKey, log }: VerifyLegacyDeps) {
  return async function verifyLegacy(botId: number, pairs: readonly QueryPair[]): Promise<GoodLink> {
    const fields = readFields(pairs);
    const command = fields?.get("command") ?? "";
    const userId = fields?.get("user_id") ?? "";
    const found = await authority(botId);
    const isOn = found !== null && (found.bot.legacy_links ?? onByDefault);
    const expected = legacyToken({ botToken: found?.token ?? DECOY, userId, command });
    const isGoodToken = isSameText(fields?.get("public_user_token") ?? "", expected) && found?.token != null;
    const key = fields?.get("api_key") ?? "";
    const keySha256 = sha256(key);
    const isOldKey =
      timingSafeEqual(keySha256, found?.legacyKeySha256 ?? sha256(DECOY)) && found?.legacyKeySha256 != null;
    const isGoodKey = isOldKey || (isOn && key !== "" && (await isOwnersKey(found.bot.owner_id, key)));
    const target = readRedirect(fields?.get("redirect_to"), found?.bot.redirect_hosts ?? []);

    const id = userId === "" ? undefined : readIntegerId(userId);
    const why =
      (found === null && "bot unknown") ||
      (!isOn && "legacy links are off") ||
      ((fields === null || command.trim() === "" || (userId !== "" && id === undefined)) && "malformed") ||
      (!isGoodToken && !isGoodKey && "token or key wrong") ||
      (target === null && "host of redirect_to not listed");
    if (why) {
      log({ event: "link.legacy_refused", botId, why });
      throw signatureInvalid();
    }
    return {
      ...{ botId, command, content: fields?.get("content") ?? "", legacy: true as const },
      ...(id !== undefined && { userId: id }),
      ...(target !== undefined && target !== null && { redirectTo: target }),
    };
  };
}

/** null: a name of the link stands there twice, in brackets or unreadable. What else a caller appends does not count. */
function readFields(pairs: readonly QueryPair[]): Map<string, string> | null {
  const fields = new Map<string, string>();
  for (const { name, value, malformed } of pairs) {
    if (!NAMES.has(baseName(name))) continue;
    if (malformed || fields.has(name) || !NAMES.has(name)) return null;
    fields.set(name, value);
  }
  return fields;
}

/** undefined: none is asked for; null: it leads to no host that the bot lists. */
function readRedirect(text: string | undefined, hosts: readonly string[]): string | undefined | null {
  if (text === undefined || text === "") return undefined;
  try {
    const target = redirectTarget(text);
    return hosts.includes(new URL(target).host) ? target : null;
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}
