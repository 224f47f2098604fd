import { randomBytes } from "node:crypto";

/** The kinds of text ids. Bots, users, chats and commands have integer ids instead. */
export type IdKind = "req" | "run" | "tsk" | "evt" | "end" | "dlv" | "att" | "hok" | "key" | "own" | "doc";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base 32, lower case
const TIME_CHARS = 10; // 50 bits of milliseconds: enough until the year 37000
const RANDOM_BYTES = 16; // 128 bits, 5 of each byte used: 80 bits of chance in 16 characters
const POOL_BYTES = RANDOM_BYTES * 256; // one call of the system's generator for so many ids

let pool = Buffer.alloc(0);
let drawn = 0;
function draw(): Buffer {
  if (drawn >= pool.length) {
    pool = randomBytes(POOL_BYTES);
    drawn = 0;
  }
  drawn += RANDOM_BYTES;
  return pool.subarray(drawn - RANDOM_BYTES, drawn);
}

/**
 * A new id such as `run_01k2m3…`: sortable by its time, random in its tail.
 *
 * @param now milliseconds since 1970
 */
export function newId(kind: IdKind, now: number = Date.now()): string {
  return firstIdAt(kind, now) + idText(draw());
}

/**
 * What sorts before every id of this kind that was made at this moment or later, and after every older one.
 *
 * @param at milliseconds since 1970
 */
export function firstIdAt(kind: IdKind, at: number): string {
  let time = "";
  for (let rest = at, i = 0; i < TIME_CHARS; i++, rest = Math.floor(rest / 32))
    time = ALPHABET.charAt(rest % 32) + time;
  return `${kind}_${time}`;
}

/** Text of the ids' alphabet, one character and 5 bits of chance for each byte. */
export function idText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += ALPHABET.charAt(byte & 31);
  return text;
}

/** The canonical text of an integer id: no sign, no leading zero, no exponent; at most 2^53 - 1. */
export const INTEGER_ID = /^[1-9][0-9]{0,15}$/;

/** Reads an integer id from text or number; undefined for anything that is not exactly one. */
export function readIntegerId(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !INTEGER_ID.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : undefined;
}
