/** What JavaScript and editors both take for the end of a line; U+2028 counts only inside JavaScript, so not here. */
const LINE_END = /\r\n|\r|\n/;

export function splitLines(text: string): string[] {
  return text.split(LINE_END);
}

/** The number of the line (from 1) on which the unit at `index` stands. */
export function lineAt(text: string, index: number): number {
  return createLineCount(text)(index);
}

/** The same for many places of one text: they must be asked for in ascending order, and the text is read once. */
export function createLineCount(text: string): (index: number) => number {
  let at = 0;
  let line = 1;
  return (index) => {
    for (; at < index; at++) if (text[at] === "\n" || (text[at] === "\r" && text[at + 1] !== "\n")) line++;
    return line;
  };
}

/** Where the line that holds `index` ends: at its line end, and at the start of the next line. */
export function lineEnd(text: string, index: number): { end: number; next: number } {
  let end = index;
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
  const isCrLf = text[end] === "\r" && text[end + 1] === "\n";
  return { end, next: Math.min(end + (isCrLf ? 2 : 1), text.length) };
}
