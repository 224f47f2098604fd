import type { BotDefinition, Command, Lib } from "../core/bot.ts";

/** `new Function` puts two lines of its own before a body. */
const ADDED_LINES = 2;

/** One part of a body: a command's code, or the call of a library's handler (no command). */
export interface BodyPart {
  command: Command | null;
  code: string;
}
export interface Place {
  command: string | null;
  file: string | null;
  line: number | null;
  column: number | null;
}
export const NO_PLACE: Place = { command: null, file: null, line: null, column: null };

/** The body of a command: `@`, the command itself (or a handler's call), `@@`. */
export function bodyParts(bot: BotDefinition, command: Command | null): BodyPart[] {
  const part = (found: Command | undefined): BodyPart[] =>
    found?.code.trim() ? [{ command: found, code: found.code }] : [];
  return [
    ...part(bot.commands.find(({ name }) => name === "@")),
    // The handler is the body's last argument: no name of ours stands in the script's way.
    command ? { command, code: command.code } : { command: null, code: "arguments[arguments.length - 1]();" },
    ...part(bot.commands.find(({ name }) => name === "@@")),
  ];
}

/**
 * Where in the author's files a place in the sandbox lies.
 *
 * @param place where: `body` (line of the engine, its own lines before it), `joined` (line in the joined parts), `part`
 *   (line in part number `part`), or `lib-NAME`
 */
export function authorPlace(
  place: { where: string; part?: number | undefined; line: number; column: number } | null,
  { parts, libs }: { parts: readonly BodyPart[]; libs: readonly Lib[] },
): Place {
  if (!place) return NO_PLACE;
  const { where, column } = place;
  if (where.startsWith("lib-")) {
    const lib = libs.find(({ name }) => name === where.slice("lib-".length));
    return lib ? { command: null, file: lib.file, line: Math.max(1, place.line - ADDED_LINES), column } : NO_PLACE;
  }
  if (where === "part") return inPart(parts[place.part ?? 0], place.line, column);
  let line = where === "body" ? place.line - ADDED_LINES : place.line;
  for (const part of parts) {
    const lines = countLines(part.code);
    if (line <= lines) return inPart(part, line, column);
    line -= lines;
  }
  return NO_PLACE;
}

function inPart(part: BodyPart | undefined, line: number, column: number): Place {
  if (!part?.command || line < 1) return NO_PLACE;
  const { name, file, code_line } = part.command;
  return { command: name, file, line: code_line + line - 1, column };
}

/** Lines as the engine counts them: LF, CRLF, CR, and the two Unicode separators end one. */
function countLines(code: string): number {
  let lines = 1;
  for (let i = 0; i < code.length; i++) {
    const unit = code.charCodeAt(i);
    if (unit === 0x0a || unit === 0x2028 || unit === 0x2029 || (unit === 0x0d && code.charCodeAt(i + 1) !== 0x0a))
      lines++;
  }
  return lines;
}
