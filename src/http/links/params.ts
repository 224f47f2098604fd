import { AppError } from "../../core/errors.ts";
import { isJsonObject, nestsDeeperThan, type Json, type JsonObject } from "../../core/json.ts";
import { JSON_DEPTH } from "../../core/limits.ts";
import { readPairs, type QueryPair } from "../query-pairs.ts";
import { bodyText, charsetOf, knownCharset, type MediaType } from "./body-text.ts";
import { baseName } from "./claims.ts";
import { emptyObject, nestNames } from "./nested-names.ts";

/** Query names that belong to the link or to the platform; in a body they are fields like any other. */
const PLATFORM_NAMES: ReadonlySet<string> = new Set([
  ...["command", "user_id", "public_user_token", "api_key", "redirect_to"],
  ...["s", "sig", "kid", "exp", "once", "human", "confirm"],
]);
const MAX_FIELDS = 10_000;
const MAX_PARTS = 100;

export interface CallBody {
  /** Without its content coding. */
  bytes: Buffer;
  contentType: string | undefined;
  media: MediaType;
}

/**
 * What a script finds in `options.params`: the query's fields, overlaid by those of the body. A body that is not what
 * its type says, that is no object or nests too deep adds nothing: the run goes on, and `content` has it as it came.
 *
 * @throws AppError `body_too_large`: too many fields or parts
 */
export async function readParams(query: readonly QueryPair[], body: CallBody | null): Promise<JsonObject> {
  const fields = query.filter(({ name }) => !PLATFORM_NAMES.has(baseName(name)));
  const params = nestNames(fields.map(({ name, value }) => [name, value]));
  const bodyFields = body === null ? null : await readFields(body);
  if (bodyFields === null) return params;

  const merged = emptyObject();
  for (const [name, value] of [...Object.entries(params), ...Object.entries(bodyFields)]) merged[name] = value;
  return merged;
}

async function readFields(body: CallBody): Promise<JsonObject | null> {
  const { type } = body.media;
  if (body.bytes.length === 0) return null;
  if (type === "application/x-www-form-urlencoded") return readForm(body);
  if (type === "multipart/form-data") return readMultipart(body);
  if (type === "application/json" || type === "text/json" || type.endsWith("+json") || type === "")
    return readJsonObject(bodyText(body.bytes));
  return null;
}

function readJsonObject(text: string): JsonObject | null {
  if (nestsDeeperThan(text, JSON_DEPTH)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function readForm({ bytes, media }: CallBody): JsonObject {
  let pairs = readPairs(bytes, charsetOf(bytes, media.charset));
  const named = knownCharset(pairs.findLast(({ name }) => name === "_charset_")?.value);
  // the form names its own charset where the header named none
  if (named !== undefined && knownCharset(media.charset) === undefined) pairs = readPairs(bytes, named);
  if (pairs.length > MAX_FIELDS) throw new AppError("body_too_large", `the form has more than ${MAX_FIELDS} fields`);
  return nestNames(pairs.map(({ name, value }) => [name, value]));
}

async function readMultipart({ bytes, contentType }: CallBody): Promise<JsonObject | null> {
  const headers = { "content-type": contentType ?? "" };
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- because it buffers; this body is whole and capped
  const form = await new Response(new Uint8Array(bytes), { headers }).formData().catch(() => null);
  if (form === null) return null;
  const fields: [string, Json][] = [...form].map(([name, part]) => [name, describePart(part)]);
  if (fields.length > MAX_PARTS) throw new AppError("body_too_large", `the form has more than ${MAX_PARTS} parts`);
  return nestNames(fields);
}

/** A file is described: its bytes are in `content`. */
function describePart(part: string | File): Json {
  return typeof part === "string" ? part : { filename: part.name, type: part.type, size: part.size };
}
