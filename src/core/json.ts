import { z } from "zod";

/** Anything that JSON text can say. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/**
 * For a part of what `JSON.parse` gave: it is JSON by its making. `z.json()` would walk it, which takes the event loop
 * 300 ms for 256 KB of nested lists.
 */
export const parsedJson = z.custom<Json>((value) => value !== undefined);

/**
 * Whether JSON text nests deeper than `max`, found without building anything: `JSON.parse` takes a depth of 100,000,
 * but whatever walks the result by recursion does not.
 */
export function nestsDeeperThan(text: string, max: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) i = endOfString(text, i);
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > max) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return false;
}

/** The index of the quote that ends the string whose first quote stands at `start`; the text's end where none does. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return text.length;
}

/** Whether a parsed JSON value is an object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
