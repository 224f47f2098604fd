import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "../../core/errors.ts";
import type { Once } from "../../core/once.ts";
import type { Caller } from "./caller.ts";

const KEY = /^[!-~]{1,255}$/;

/**
 * The Idempotency-Key of a call. Keys of one caller are no keys of another.
 *
 * @param asked all that was asked; undefined: the call takes no key
 * @returns undefined where the call brings none
 * @throws AppError `field_invalid`
 */
export function readOnce(
  { headersDistinct }: IncomingMessage,
  caller: Caller,
  asked: readonly unknown[] | undefined,
): Once | undefined {
  const [key, ...more] = headersDistinct["idempotency-key"] ?? [];
  if (key === undefined) return undefined;
  const field = "Idempotency-Key";
  if (asked === undefined)
    throw new AppError("field_invalid", `${field}: this call takes none, for its answer is given only once`, { field });
  if (more.length > 0 || !KEY.test(key))
    throw new AppError("field_invalid", `${field}: up to 255 visible ASCII characters, given once`, { field });
  const who = caller.kind === "operator" ? "operator" : caller.ownerId;
  const print = createHash("sha256").update(JSON.stringify(asked)).digest("base64url");
  return { key: `api/${who}/${key}`, print };
}
