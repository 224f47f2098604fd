import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { BotMeta } from "../../core/bot.ts";
import { AppError } from "../../core/errors.ts";

const DIGEST_CHARS = 22; // 128 bits

/** The state of a bot: its version. */
export function botTag({ version }: BotMeta): string {
  return `"v${version}"`;
}

/** The state of anything else that is JSON. */
export function entityTag(entity: unknown): string {
  return `"${createHash("sha256").update(JSON.stringify(entity)).digest("base64url").slice(0, DIGEST_CHARS)}"`;
}

/**
 * Reads If-Match.
 *
 * @returns a function that takes the tag of the thing as it stands (null: there is none) and throws AppError
 *   `precondition_failed` where the header asks for another one; weak tags never match
 * @see https://www.rfc-editor.org/rfc/rfc9110 section 13.1.1
 */
export function readIfMatch({ headersDistinct }: IncomingMessage): (current: string | null) => void {
  const lines = headersDistinct["if-match"];
  if (lines === undefined) return () => undefined;
  const asked = lines.flatMap((line) => line.split(",")).map((tag) => tag.trim());
  return (current) => {
    const isMatch = current !== null && (asked.includes("*") || asked.includes(current));
    if (!isMatch) throw new AppError("precondition_failed", "it has changed since: read it again before you change it");
  };
}
