import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "../../core/errors.ts";

const BEARER = /^Bearer ([!-~]{1,512})$/;

/**
 * Lets a call in that carries the operator's token in the one Authorization header, spelt `Bearer TOKEN`. Nothing else
 * counts: no query, no cookie, no second header.
 *
 * @returns a function that throws AppError `key_missing`, `key_invalid`
 */
export function createBearerCheck(adminTokenSha256: Buffer) {
  return function checkBearer({ headersDistinct }: IncomingMessage): void {
    const [header, ...more] = headersDistinct.authorization ?? [];
    if (header === undefined) throw new AppError("key_missing", "send the token as: Authorization: Bearer TOKEN");
    const token = more.length > 0 ? undefined : BEARER.exec(header)?.[1];
    const sha256 = createHash("sha256")
      .update(token ?? "")
      .digest();
    if (!timingSafeEqual(sha256, adminTokenSha256) || token === undefined)
      throw new AppError("key_invalid", "this token is not valid here");
  };
}
