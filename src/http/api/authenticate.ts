import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "../../core/errors.ts";
import type { Owners } from "../../core/owner.ts";
import type { RateGuard } from "../rate-limits.ts";
import type { Caller } from "./caller.ts";

const BEARER = /^Bearer ([!-~]{1,512})$/;

export interface AuthenticateDeps {
  adminTokenSha256: Buffer;
  owners: Pick<Owners, "authenticate">;
  guard: RateGuard;
  clientIp: (req: IncomingMessage) => string;
}

/**
 * Says who calls. A token counts in the one Authorization header, spelt `Bearer TOKEN`, and nowhere else: no query, no
 * cookie, no second header.
 *
 * @returns a function that throws AppError `key_missing`, `key_invalid`, `rate_limited`
 */
export function createAuthenticate({ adminTokenSha256, owners, guard, clientIp }: AuthenticateDeps) {
  return async function authenticate(req: IncomingMessage): Promise<Caller> {
    const headers = req.headersDistinct.authorization ?? [];
    const token = headers.length === 1 ? BEARER.exec(headers[0] ?? "")?.[1] : undefined;
    const sha256 = createHash("sha256")
      .update(token ?? "")
      .digest();
    const name = sha256.toString("base64url");
    await guard.assertOpen(clientIp(req), name);

    const isOperator = timingSafeEqual(sha256, adminTokenSha256) && token !== undefined;
    const owned = isOperator || token === undefined ? null : await owners.authenticate(token);
    if (!isOperator && owned === null) {
      await guard.missedToken(clientIp(req), headers.length === 0 ? undefined : name);
      if (headers.length === 0) throw new AppError("key_missing", "send the token as: Authorization: Bearer TOKEN");
      throw new AppError("key_invalid", "this token is not valid here");
    }
    await guard.usedToken(owned?.id ?? "operator", name);
    return owned === null ? { kind: "operator" } : { kind: "owner", ownerId: owned.owner_id, token: owned };
  };
}
