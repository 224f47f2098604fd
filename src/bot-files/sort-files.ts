import type { BotFile } from "../core/catalog.ts";
import { BOT_BYTES, SOURCE_BYTES } from "../core/limits.ts";
import { isCommandPath, isKeptPath, isLibPath, pathFault } from "./paths.ts";
import type { Report } from "./report.ts";

export const MAX_FILES = 5_000;
const NAMED_IN_A_NOTE = 5;

export interface SortedFiles {
  botJson: BotFile | undefined;
  /** In byte order of their paths, as all of these are. */
  commands: BotFile[];
  libs: BotFile[];
  /** What lies beside the scripts: nothing runs it, and an export gives it back. */
  kept: BotFile[];
}

/** Sorts a folder's files into what they are, and holds the bounds that are held before anything is read. */
export function sortFiles(files: readonly BotFile[], report: Report): SortedFiles {
  const sorted: SortedFiles = { botJson: undefined, commands: [], libs: [], kept: [] };
  if (files.length > MAX_FILES) {
    report.add("error", `the folder has ${files.length} files; at most ${MAX_FILES} are allowed`);
    return sorted;
  }

  const seen = new Set<string>();
  const ignored: string[] = [];
  for (const file of inByteOrder(files)) {
    const fault = seen.has(file.path) ? "two files have this path" : pathFault(file.path);
    seen.add(file.path);
    if (fault !== undefined) report.add("error", fault, { file: file.path });
    else if (file.path === "bot.json") sorted.botJson = file;
    else if (isCommandPath(file.path)) sorted.commands.push(file);
    else if (isLibPath(file.path)) sorted.libs.push(file);
    else if (isKeptPath(file.path) && textFault(file.text) === undefined) sorted.kept.push(file);
    else ignored.push(file.path);
  }
  noteUnused(sorted.kept, ignored, report);
  checkTexts(sorted, report);
  return sorted;
}

/** Byte order of the UTF-8 text: it is the same on every machine, and decides which of two files wins a name. */
function inByteOrder(files: readonly BotFile[]): BotFile[] {
  return files
    .map((file) => ({ file, bytes: Buffer.from(file.path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ file }) => file);
}

function textFault(text: string): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > SOURCE_BYTES) return `the file has ${bytes} bytes; at most ${SOURCE_BYTES} are allowed`;
  return text.isWellFormed() ? undefined : "the file is not well-formed text";
}

function checkTexts({ botJson, commands, libs, kept }: SortedFiles, report: Report): void {
  let bytes = 0;
  for (const { path, text } of [...(botJson ? [botJson] : []), ...commands, ...libs, ...kept]) {
    const fault = textFault(text);
    if (fault !== undefined) report.add("error", fault, { file: path });
    bytes += Buffer.byteLength(text);
  }
  if (bytes > BOT_BYTES) report.add("error", `the bot has ${bytes} bytes of text; at most ${BOT_BYTES} are allowed`);
}

function noteUnused(kept: readonly BotFile[], ignored: readonly string[], report: Report): void {
  for (const { path } of kept)
    report.add("info", "neither commands/**.js nor libs/*.js: kept for export, and nothing runs it", { file: path });
  if (ignored.length === 0) return;
  const named = ignored.slice(0, NAMED_IN_A_NOTE).join(", ") + (ignored.length > NAMED_IN_A_NOTE ? ", …" : "");
  const what = ignored.length === 1 ? "1 file is" : `${ignored.length} files are`;
  report.add("info", `${what} no text of bot.json, commands/ or libs/ and left out: ${named}`);
}
