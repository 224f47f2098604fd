import type { IncomingMessage } from "node:http";
import type { JsonObject } from "../../core/json.ts";
import { readQuery } from "../query-pairs.ts";
import { emptyObject } from "./nested-names.ts";

const MASK = "***";

/**
 * The headers as BJS shows them: Title-Case-Dashed names. A repeated header is one text, joined by commas (Cookie by
 * semicolons).
 *
 * @param rawHeaders names and values in turn, as Node lists them
 */
export function titleCaseHeaders(rawHeaders: IncomingMessage["rawHeaders"]): JsonObject {
  const joined = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = titleCase(rawHeaders[i] ?? "");
    const value = rawHeaders[i + 1] ?? "";
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before}${name === "Cookie" ? "; " : ", "}${value}`);
  }
  const headers = emptyObject();
  for (const [name, value] of joined) headers[name] = value;
  return headers;
}

/** What makes a link good, in its own form and in the old one. */
const PROOFS: ReadonlySet<string> = new Set(["sig", "public_user_token", "api_key"]);

/** The query as it came, except that what proves it is masked: whoever reads `options.url` cannot use the link. */
export function maskProofs(rawQuery: string): string {
  return rawQuery
    .split("&")
    .map((pair) => {
      const name = readQuery(pair)[0]?.name ?? "";
      return PROOFS.has(name) ? `${name}=${MASK}` : pair;
    })
    .join("&");
}

function titleCase(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
