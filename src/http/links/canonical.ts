/** The names that a link may carry under its signature, sorted as `s` lists them. */
export const SIGNED_NAMES = ["command", "content", "exp", "kid", "once", "redirect_to", "user_id"] as const;
export type SignedName = (typeof SIGNED_NAMES)[number];

const VERSION = "bwh1"; // fixed here, never read from a request

/** The one path under which links of a bot live. */
export function linkPath(botId: number): string {
  return `/v1/bots/${botId}/new-webhook`;
}

/**
 * Percent-encodes all but the unreserved characters of RFC 3986, which leaves one spelling for one text.
 *
 * @param text well formed: a lone surrogate has no UTF-8
 */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The canonical query: all signed values and `s` itself, sorted by name. The names are ASCII. */
export function canonicalQuery(signed: ReadonlyMap<SignedName, string>): string {
  const fields: [string, string][] = [...signed, ["s", signedList(signed)]];
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, value]) => `${name}=${percentEncode(value)}`).join("&");
}

/** The value of `s`: which names are signed, sorted, joined by commas. */
export function signedList(signed: ReadonlyMap<SignedName, string>): string {
  return SIGNED_NAMES.filter((name) => signed.has(name)).join(",");
}

/**
 * The text that is signed. No two sets of values give the same one: values are percent-encoded, so that `&`, `=` and
 * line feeds are always ours.
 */
export function canonicalText(path: string, signed: ReadonlyMap<SignedName, string>): string {
  return `${VERSION}\n${path}\n${canonicalQuery(signed)}`;
}
