/** What a Content-Type says: the type in lower case ("" where there is none) and its charset label. */
export interface MediaType {
  type: string;
  charset: string | undefined;
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;
const FALLBACK = "utf-8";

export function readMediaType(header: string | undefined): MediaType {
  const [type = ""] = (header ?? "").split(";", 1);
  return { type: type.trim().toLowerCase(), charset: CHARSET.exec(header ?? "")?.[1] };
}

/** Which charset a body is in: by its BOM, else by its label, else UTF-8. A label that nobody knows is no label. */
export function charsetOf(body: Buffer, label: string | undefined): string {
  return charsetOfBom(body) ?? knownCharset(label) ?? FALLBACK;
}

/** The text of a body without its BOM; what cannot be decoded becomes U+FFFD. */
export function bodyText(body: Buffer, label?: string): string {
  return new TextDecoder(charsetOf(body, label)).decode(body);
}

/** The label if TextDecoder knows it. */
export function knownCharset(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function charsetOfBom(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return "utf-8";
  if (body[0] === 0xff && body[1] === 0xfe) return "utf-16le";
  if (body[0] === 0xfe && body[1] === 0xff) return "utf-16be";
  return undefined;
}
