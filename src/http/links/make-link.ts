import type { Catalog } from "../../core/catalog.ts";
import { AppError } from "../../core/errors.ts";
import type { LinkRequest } from "../../core/link.ts";
import { canonicalQuery, canonicalText, linkPath, type SignedName } from "./canonical.ts";
import { redirectTarget } from "./redirect-target.ts";
import { sign } from "./signature.ts";

export interface MakeLinkDeps {
  linkKeys: Catalog["linkKeys"];
  linkSecret: (botId: number, kid: string) => Uint8Array;
  publicUrl: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** The mark of a `once` link: at least 128 random bits in base64url. */
  nonce: () => string;
}

/** The end of the year 9999: what comes later has no ISO 8601 date of four-digit years. */
export const MAX_EXP_SECONDS = 253_402_300_799;
/** Path and query of a link we make. The server takes 8 KB, so 2 KB are left for what callers append. */
const MAX_LINK_BYTES = 6 * 1024;

/**
 * Makes signed links: every value, the key id, the expiry and the single-use mark are covered.
 *
 * @returns a function of bot and wish that throws AppError `redirect_invalid`, `field_invalid`, `bot_not_found`
 */
export function createMakeLink({ linkKeys, linkSecret, publicUrl, now, nonce }: MakeLinkDeps) {
  return async function makeLink(botId: number, request: LinkRequest): Promise<string> {
    const signed = checkedFields(request, now());
    const key = (await linkKeys(botId)).find(({ expires_at }) => expires_at === null);
    if (key === undefined) throw new AppError("bot_not_found", `there is no bot ${botId}`);
    signed.set("kid", key.kid);
    if (request.once === true) signed.set("once", nonce());

    const path = linkPath(botId);
    const signature = sign(linkSecret(botId, key.kid), canonicalText(path, signed));
    const target = `${path}?${canonicalQuery(signed)}&sig=${signature}`;
    if (target.length > MAX_LINK_BYTES)
      throw invalid(
        "content",
        `the link would be longer than ${MAX_LINK_BYTES} bytes: send what is long in a POST body`,
      );
    return publicUrl() + target;
  };
}

function checkedFields(request: LinkRequest, nowMs: number): Map<SignedName, string> {
  const { command, content, userId, redirectTo, exp } = request;
  const signed = new Map<SignedName, string>();
  if (command.trim() === "") throw invalid("command", "command is missing");
  signed.set("command", command.toWellFormed());
  if (content !== undefined && content !== "") signed.set("content", content.toWellFormed());
  if (userId !== undefined) {
    if (!Number.isSafeInteger(userId) || userId < 1) throw invalid("user_id", "user_id is not the id of a user");
    signed.set("user_id", String(userId));
  }
  if (redirectTo !== undefined) signed.set("redirect_to", redirectTarget(redirectTo));
  if (exp !== undefined) {
    if (!Number.isSafeInteger(exp) || exp > MAX_EXP_SECONDS)
      throw invalid("exp", "exp is not a time before year 10000");
    if (exp * 1000 <= nowMs) throw invalid("exp", "exp is not in the future");
    signed.set("exp", String(exp));
  }
  return signed;
}

function invalid(field: string, message: string): AppError {
  return new AppError("field_invalid", message, { field });
}
