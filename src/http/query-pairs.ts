/** One `name=value` of a query or a form, decoded. */
export interface QueryPair {
  name: string;
  value: string;
  /** Some of it was no valid percent code or no valid text of its charset, and was read as well as it could be. */
  malformed: boolean;
}

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * Reads a query or a urlencoded body: every pair in order, duplicates kept, empty ones (`?&a=1`) left out. `+` is a
 * space. Nothing is refused here: what cannot be decoded stays as it is and is marked.
 *
 * @param bytes as they came
 * @param charset of the percent-encoded bytes; a label that TextDecoder knows
 */
export function readPairs(bytes: Buffer, charset = "utf-8"): QueryPair[] {
  const decode = createDecoder(charset);
  const pairs: QueryPair[] = [];
  for (let start = 0; start <= bytes.length;) {
    const next = bytes.indexOf(AMPERSAND, start);
    const end = next === -1 ? bytes.length : next;
    if (end > start) pairs.push(readPair(bytes.subarray(start, end), decode));
    start = end + 1;
  }
  return pairs;
}

/** The pairs of a query as it stands in a request target, where Node hands each byte over as one character. */
export function readQuery(rawQuery: string): QueryPair[] {
  return readPairs(Buffer.from(rawQuery, "latin1"));
}

type Decode = (bytes: Buffer) => { text: string; malformed: boolean };

function readPair(bytes: Buffer, decode: Decode): QueryPair {
  const equals = bytes.indexOf(EQUALS);
  const name = decode(equals === -1 ? bytes : bytes.subarray(0, equals));
  const value = decode(equals === -1 ? Buffer.alloc(0) : bytes.subarray(equals + 1));
  return { name: name.text, value: value.text, malformed: name.malformed || value.malformed };
}

function createDecoder(charset: string): Decode {
  // ignoreBOM keeps a leading U+FEFF: two different values must never read the same
  const strict = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  const lenient = new TextDecoder(charset, { ignoreBOM: true });
  return (bytes) => {
    const { bytes: plain, malformed } = percentDecode(bytes);
    try {
      return { text: strict.decode(plain), malformed };
    } catch {
      return { text: lenient.decode(plain), malformed: true };
    }
  };
}

function percentDecode(bytes: Buffer): { bytes: Buffer; malformed: boolean } {
  if (!bytes.includes(PERCENT) && !bytes.includes(PLUS)) return { bytes, malformed: false };
  const out = Buffer.alloc(bytes.length);
  let length = 0;
  let malformed = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.readUInt8(i);
    const code = byte === PERCENT ? hexPair(bytes, i + 1) : -1;
    if (byte === PERCENT && code === -1) malformed = true;
    if (code >= 0) i += 2;
    out.writeUInt8(code >= 0 ? code : byte === PLUS ? SPACE : byte, length++);
  }
  return { bytes: out.subarray(0, length), malformed };
}

function hexPair(bytes: Buffer, at: number): number {
  const text = bytes.toString("latin1", at, at + 2);
  return /^[0-9A-Fa-f]{2}$/.test(text) ? Number.parseInt(text, 16) : -1;
}
