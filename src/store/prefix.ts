const LAST_CODE_POINT = 0x10ffff;

/**
 * The first text behind all that start with `prefix`, in the order of the databases (that of the bytes in UTF-8, which is
 * the order of code points). undefined: there is no end to them.
 */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  const next = last + 1 === 0xd800 ? 0xe000 : last + 1; // surrogates are no code points of a text
  return String.fromCodePoint(...points, next);
}
