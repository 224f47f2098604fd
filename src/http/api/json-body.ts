import { AppError } from "../../core/errors.ts";
import { isJsonObject, nestsDeeperThan, type JsonObject } from "../../core/json.ts";
import { JSON_DEPTH } from "../../core/limits.ts";
import type { CallContext } from "../answer.ts";
import type { TakeBytes } from "../body-budget.ts";
import { readBody } from "../read-body.ts";

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/**
 * Reads the body of an API call: a JSON object in UTF-8, said to be one, and nothing that would need a guess. A parser
 * of a framework would drop a BOM, replace broken UTF-8 and take an empty body for `{}`.
 *
 * @throws AppError `media_type_unsupported`, `content_encoding_unsupported`, `body_too_large`, `json_invalid`,
 *   `body_not_object`
 */
export async function readJsonBody(
  { req, res }: CallContext,
  limits: { maxBytes: number; take: TakeBytes },
): Promise<JsonObject> {
  const types = req.headersDistinct["content-type"] ?? [];
  if (types.length !== 1 || !JSON_TYPE.test(types[0] ?? ""))
    throw new AppError("media_type_unsupported", "the API takes application/json in UTF-8");
  if ((req.headers["content-encoding"] ?? "identity").toLowerCase() !== "identity")
    throw new AppError("content_encoding_unsupported", "the API takes no compressed bodies");

  const value = parseJson(await readBody(req, res, limits));
  if (!isJsonObject(value)) throw new AppError("body_not_object", "the body is not a JSON object");
  return value;
}

function parseJson(bytes: Buffer): unknown {
  try {
    // a BOM stays, and is then no JSON
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!nestsDeeperThan(text, JSON_DEPTH)) return JSON.parse(text);
  } catch (cause) {
    throw new AppError("json_invalid", "the body is not JSON in UTF-8", { cause });
  }
  throw new AppError("json_invalid", `the body nests deeper than ${JSON_DEPTH} levels`);
}
