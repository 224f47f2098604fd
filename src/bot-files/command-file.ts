import { lineAt, lineEnd, splitLines } from "./lines.ts";

/** One `key: value` of a header, or one `<<KEY` block. */
export interface HeaderField {
  value: string;
  /** Line in the file, from 1. */
  line: number;
  block: boolean;
}

/** Something in a header that is not as it ought to be, and that an import can live with. */
export interface HeaderFlaw {
  line: number;
  message: string;
}

/** A command's file taken apart. Nothing of it is judged yet. */
export interface CommandFile {
  /** By lower-case key. Empty where there is no header. */
  fields: Map<string, HeaderField>;
  /** All that stands before `code`: byte order mark and header, as they were written. Both together are the file. */
  head: string;
  code: string;
  /** The line in the file on which `code` starts, from 1. */
  codeLine: number;
  flaws: HeaderFlaw[];
}

export const OPEN = "/*CMD";
export const CLOSE = "CMD*/";
const BOM = "\uFEFF";
const BLOCK_START = /^<<([A-Za-z_]{1,32})$/;

/**
 * Takes a command's file apart: an optional header, opened by a line that says just `/*CMD` and ended by the first
 * `CMD*` + `/` after it, and the script. What the first close leaves over is script, a second header as well, and so is
 * the whole file where there is no header. Takes time in proportion to the text, and any text.
 *
 * @see BJS, "Git repository format"
 */
export function parseCommandFile(file: string): CommandFile {
  const text = file.startsWith(BOM) ? file.slice(BOM.length) : file;
  const fields = new Map<string, HeaderField>();
  const headOf = (code: string) => file.slice(0, file.length - code.length);
  const withoutHeader = (flaws: HeaderFlaw[]): CommandFile => ({
    ...{ fields, head: headOf(text), code: text, codeLine: 1, flaws },
  });

  const start = text.length - text.trimStart().length;
  if (!text.startsWith(OPEN, start)) return withoutHeader([]);

  const line = lineAt(text, start);
  const opener = lineEnd(text, start);
  if (text.slice(start + OPEN.length, opener.end).trim() !== "")
    return withoutHeader([{ line, message: `a header begins with a line that holds only ${OPEN}; taken as script` }]);

  const close = text.indexOf(CLOSE, opener.next);
  if (close < 0) return withoutHeader([{ line, message: `no ${CLOSE} ends the header; the whole file is script` }]);

  const flaws = readHeader(splitLines(text.slice(opener.next, close)), line + 1, fields);
  const after = codeAfter(text, close + CLOSE.length);
  return { fields, head: headOf(after.code), ...after, flaws };
}

/** The script begins on the line after the header's last one, unless it shares that line. */
function codeAfter(text: string, index: number): { code: string; codeLine: number } {
  const { end, next } = lineEnd(text, index);
  const sharesLine = text.slice(index, end).trim() !== "" || end === text.length;
  return sharesLine
    ? { code: text.slice(index), codeLine: lineAt(text, index) }
    : { code: text.slice(next), codeLine: lineAt(text, index) + 1 };
}

/** Fills `fields`. A block replaces a plain value of its key, wherever that one stands; else the last one counts. */
function readHeader(lines: string[], firstLine: number, fields: Map<string, HeaderField>): HeaderFlaw[] {
  const flaws: HeaderFlaw[] = [];
  const keep = (key: string, field: HeaderField) => {
    const before = fields.get(key);
    if (before?.block && !field.block) return;
    if (before && before.block === field.block)
      flaws.push({ line: field.line, message: `"${key}" is given twice in the header; the last one counts` });
    fields.set(key, field);
  };

  for (let i = 0; i < lines.length; i++) {
    const line = firstLine + i;
    const text = (lines[i] ?? "").trim();
    if (text === "") continue;

    const name = BLOCK_START.exec(text)?.[1];
    if (name !== undefined) {
      let last = i + 1; // each line is looked at once, however many blocks there are
      while (last < lines.length && lines[last]?.trim() !== name) last++;
      if (last === lines.length)
        flaws.push({ line, message: `no line ${name} ends the block; it goes on to the header's end` });
      const inner = lines.slice(i + 1, last).join("\n");
      keep(name.toLowerCase(), { value: inner.trim() === "" ? "" : inner, line, block: true });
      i = last;
      continue;
    }

    const colon = text.indexOf(":");
    if (colon < 1) flaws.push({ line, message: "a header line that is not `key: value` is ignored" });
    else {
      const key = text.slice(0, colon).trim().toLowerCase();
      keep(key, { value: text.slice(colon + 1).trim(), line, block: false });
    }
  }
  return flaws;
}
