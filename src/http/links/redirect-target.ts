import { AppError } from "../../core/errors.ts";

/** Scheme and `//` as typed: the parser would add missing slashes, take backslashes for slashes and drop tabs. */
const ABSOLUTE_HTTP = /^https?:\/\/[^/\\]/i;
/** C0 and C1 controls, DEL, the space, the backslash and what Unicode takes for a line end. */
const UNSAFE = /[\u0000-\u0020\u007f-\u009f\\\u2028\u2029]/;
const MAX_CHARS = 2_048;

/**
 * The address to redirect to, as the URL parser writes it again: ASCII host, no characters that a header could not
 * carry. The one rule for making a link and for using it.
 *
 * @throws AppError `redirect_invalid`
 */
export function redirectTarget(text: string): string {
  if (text.length > MAX_CHARS) throw refused(`longer than ${MAX_CHARS} characters`);
  if (UNSAFE.test(text)) throw refused("with a space, a control character or a backslash");
  if (!ABSOLUTE_HTTP.test(text)) throw refused("not an absolute http: or https: URL");

  const url = URL.parse(text);
  if (url === null) throw refused("not a URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refused("not an http: or https: URL");
  if (url.username !== "" || url.password !== "" || text.slice(0, authorityEnd(text)).includes("@"))
    throw refused("with a user name or password");
  return url.href;
}

/** A host as it is listed: as the URL parser writes it, with its port where that is not the scheme's own. */
export function readHost(text: string): string | undefined {
  if (/[\s/\\?#@%]/.test(text)) return undefined;
  const url = URL.parse(`https://${text}/`);
  return url === null || url.host === "" || url.pathname !== "/" ? undefined : url.host;
}

/** Where host and port end: an empty user name (`https://@host`) leaves no trace in the parsed URL. */
function authorityEnd(text: string): number {
  const end = text.slice(text.indexOf("//") + 2).search(/[/?#]/);
  return end === -1 ? text.length : text.indexOf("//") + 2 + end;
}

function refused(why: string): AppError {
  return new AppError("redirect_invalid", `redirect_to is refused: ${why}`, { field: "redirect_to" });
}
