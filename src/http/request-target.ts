import { AppError } from "../core/errors.ts";

/** Path and query of a request, as they came: nothing is decoded, nothing is tidied up. */
export interface RequestTarget {
  path: string;
  /** Without the question mark. */
  rawQuery: string;
}

/** Path and query together. Percent-encoding counts as it stands. */
export const MAX_TARGET_BYTES = 8 * 1024;

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;
/** Printable ASCII without `#` and `\`, which some parsers read as the end of the path or as a slash. */
const PLAIN_PATH = /^\/[!"$-[\]-~]*$/;

/**
 * Reads a request target. Of the absolute form only path and query count: which host was meant is never asked.
 *
 * @throws AppError `url_too_long`, `route_not_found`
 */
export function readTarget(url: string): RequestTarget {
  if (url.length > MAX_TARGET_BYTES)
    throw new AppError("url_too_long", `path and query are longer than ${MAX_TARGET_BYTES} bytes`);
  const target = url.replace(ABSOLUTE_FORM, "");
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  if (!PLAIN_PATH.test(path)) throw routeNotFound();
  return { path, rawQuery: mark === -1 ? "" : target.slice(mark + 1) };
}

export function routeNotFound(): AppError {
  return new AppError("route_not_found", "there is nothing at this address");
}
