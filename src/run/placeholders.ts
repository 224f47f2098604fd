import { propertySchema } from "../core/property.ts";

const PLACEHOLDER = /<([^<>]{1,256})>/g;
/** So many characters of JSON text stand for one of a value at most. */
const ESCAPED_CHARS = 6;

/**
 * Puts values in the place of `<Name>`; what has no value stays as it was typed. Values are not looked through again: a
 * user whose name is `<Secret>` is called just that. The guest has the same rule for its messages (sandbox/prelude.js).
 *
 * @param find text of the property (JSON of a Property), null: there is none
 * @returns null where it would have more than `maxChars` characters: short words can ask for large values many times
 * @see BJS, decision 28
 */
export async function fillPlaceholders(
  words: string,
  { find, maxChars }: { find: (name: string) => Promise<string | null>; maxChars: number },
): Promise<string | null> {
  const values = new Map<string, string>();
  let used = 0;
  for (const [, name = ""] of words.matchAll(PLACEHOLDER)) {
    if (values.has(name) || name.includes("\0")) continue;
    const text = await find(name);
    if (text === null) continue;
    if (text.length > maxChars * ESCAPED_CHARS) return null;
    const { v } = propertySchema.parse(JSON.parse(text));
    const value = typeof v === "string" ? v : JSON.stringify(v);
    values.set(name, value);
    used += value.length;
    if (used > maxChars) return null;
  }
  let chars = words.length;
  for (const [typed, name = ""] of words.matchAll(PLACEHOLDER))
    chars += (values.get(name) ?? typed).length - typed.length;
  return chars > maxChars ? null : words.replace(PLACEHOLDER, (typed, name: string) => values.get(name) ?? typed);
}
