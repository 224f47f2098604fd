import { createHash, timingSafeEqual } from "node:crypto";

/**
 * The token of a link in its old form. The library that made it took the low byte of each UTF-16 unit, which is what
 * Latin-1 does here, and is not UTF-8.
 *
 * @param userId as it stands in the link; "" where none does
 * @returns 32 hexadecimal digits in lower case
 * @see WEBHOOKS, section 1.2
 */
export function legacyToken({ botToken, userId, command }: { botToken: string; userId: string; command: string }) {
  const text = `${botToken}-${userId}-${command} Salt is very salty!`;
  return createHash("md5").update(Buffer.from(text, "latin1")).digest("hex");
}

/** Takes the same time wherever the two differ, and also where the lengths do. */
export function isSameText(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

export function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
