import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * The one spelling of 32 bytes in base64url without padding: the last character carries four bits, so only sixteen
 * may stand there. Decoders forgive padding, other alphabets, junk and those two spare bits; this does not.
 */
const FORM = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** HMAC-SHA256 in base64url without padding. */
export function sign(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("base64url");
}

export function hasSignatureForm(signature: string): boolean {
  return FORM.test(signature);
}

/** Whether `signature` is the text's. Takes the same time wherever the two differ. */
export function isSignature(signature: string, key: Uint8Array, text: string): boolean {
  const expected = Buffer.from(sign(key, text), "latin1");
  if (!hasSignatureForm(signature)) return false;
  return timingSafeEqual(Buffer.from(signature, "latin1"), expected);
}
