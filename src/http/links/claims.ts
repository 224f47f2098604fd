import { readIntegerId } from "../../core/ids.ts";
import type { SignedLink } from "../../core/link.ts";
import type { QueryPair } from "../query-pairs.ts";
import { SIGNED_NAMES, signedList, type SignedName } from "./canonical.ts";
import { MAX_EXP_SECONDS } from "./make-link.ts";
import { hasSignatureForm } from "./signature.ts";

/** What a link says about itself, in the right form but not yet believed. */
export interface Claims {
  signed: Map<SignedName, string>;
  kid: string;
  signature: string;
}

/** Names that only the link's maker may use in its query (WEBHOOKS: `human` and `confirm` belong to links for people). */
const RESERVED: ReadonlySet<string> = new Set([...SIGNED_NAMES, "s", "sig", "human", "confirm"]);
const KID = /^[A-Za-z0-9_-]{1,64}$/;
const NONCE = /^[A-Za-z0-9_-]{1,128}$/;
const PLAIN_INTEGER = /^(?:0|[1-9][0-9]{0,11})$/;

/** The name without brackets: `user_id[]` and `user_id[0]` are the reserved `user_id` again. */
export function baseName(name: string): string {
  const bracket = name.indexOf("[");
  return bracket === -1 ? name : name.slice(0, bracket);
}

/**
 * Takes the reserved names out of a query. Each may stand there once, plainly and readable, and must be listed in `s`;
 * `s` must be the sorted list that we write, with command and key id in it.
 *
 * @returns null where anything differs from a link that we could have made
 */
export function readClaims(pairs: readonly QueryPair[]): Claims | null {
  const reserved = new Map<string, string>();
  for (const { name, value, malformed } of pairs) {
    if (!RESERVED.has(baseName(name))) continue;
    if (malformed || reserved.has(name) || !RESERVED.has(name)) return null;
    reserved.set(name, value);
  }

  const signature = reserved.get("sig");
  const list = reserved.get("s");
  const signed = new Map<SignedName, string>();
  for (const name of SIGNED_NAMES) {
    const value = reserved.get(name);
    if (value !== undefined) signed.set(name, value);
  }
  const kid = signed.get("kid");
  if (signature === undefined || !hasSignatureForm(signature)) return null;
  if (kid === undefined || !KID.test(kid) || !signed.has("command")) return null;
  // the list names all that is there, so nothing reserved stands outside the signature
  if (list !== signedList(signed) || reserved.size !== signed.size + 2) return null;
  return { signed, kid, signature };
}

/** What the signed values mean; null for values that we do not write. */
export function readSignedLink(botId: number, { signed, kid }: Claims): SignedLink | null {
  const link: SignedLink = { botId, kid, command: signed.get("command") ?? "", content: signed.get("content") ?? "" };
  const userId = signed.get("user_id");
  if (userId !== undefined && userId !== "") {
    const id = readIntegerId(userId); // an empty one means: no user, as in the BJS library
    if (id === undefined) return null;
    link.userId = id;
  }
  const exp = signed.get("exp");
  if (exp !== undefined) {
    if (!PLAIN_INTEGER.test(exp) || Number(exp) > MAX_EXP_SECONDS) return null;
    link.exp = Number(exp);
  }
  const once = signed.get("once");
  if (once !== undefined) {
    if (!NONCE.test(once)) return null;
    link.once = once;
  }
  const redirectTo = signed.get("redirect_to");
  if (redirectTo !== undefined) link.redirectTo = redirectTo;
  return link;
}
