import type { Catalog, LinkKey } from "../../core/catalog.ts";
import { AppError } from "../../core/errors.ts";
import type { SignedLink } from "../../core/link.ts";
import type { QueryPair } from "../query-pairs.ts";
import { canonicalText, linkPath, type SignedName } from "./canonical.ts";
import { readClaims, readSignedLink, type Claims } from "./claims.ts";
import { redirectTarget } from "./redirect-target.ts";
import { isSignature } from "./signature.ts";

export interface VerifyLinkDeps {
  linkKeys: Catalog["linkKeys"];
  linkSecret: (botId: number, kid: string) => Uint8Array;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Stands in for claims that have no form, so that they cost what a wrong signature costs. */
const DECOY: Claims = {
  signed: new Map<SignedName, string>([
    ["command", "/"],
    ["kid", "key_0"],
  ]),
  kid: "key_0",
  signature: "A".repeat(43),
};

/**
 * Checks the query of a link. Whatever is wrong with the signature, the key or the bot, the work is the same and so is
 * the answer; only a good signature gets a specific one.
 *
 * @returns a function that throws AppError `link_signature_invalid`, `link_expired`, `redirect_invalid`
 */
export function createVerifyLink({ linkKeys, linkSecret, now }: VerifyLinkDeps) {
  return async function verifyLink(botId: number, pairs: readonly QueryPair[]): Promise<SignedLink> {
    const claims = readClaims(pairs);
    const { signed, kid, signature } = claims ?? DECOY;
    const keys = await keysOrNone(linkKeys, botId);
    const live = keys.some((key) => key.kid === kid && isLive(key, now()));
    const genuine = isSignature(signature, linkSecret(botId, kid), canonicalText(linkPath(botId), signed));
    const link = claims !== null && live && genuine ? readSignedLink(botId, claims) : null;
    if (link === null) throw signatureInvalid();

    if (link.exp !== undefined && link.exp * 1000 <= now()) throw new AppError("link_expired", "this link has expired");
    // the rule may have grown stricter since the link was made
    return link.redirectTo === undefined ? link : { ...link, redirectTo: redirectTarget(link.redirectTo) };
  };
}

/** The one refusal: nothing in it tells a wrong signature from an unknown bot. */
export function signatureInvalid(cause?: unknown): AppError {
  return new AppError("link_signature_invalid", "the signature of this link is not valid", { cause });
}

async function keysOrNone(linkKeys: Catalog["linkKeys"], botId: number): Promise<LinkKey[]> {
  try {
    return await linkKeys(botId);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "bot_not_found") return [];
    throw thrown;
  }
}

function isLive({ expires_at }: LinkKey, nowMs: number): boolean {
  return expires_at === null || Date.parse(expires_at) > nowMs;
}
