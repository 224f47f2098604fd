import type { BotFile } from "../core/catalog.ts";
import { BOT_BYTES, SOURCE_BYTES } from "../core/limits.ts";
import type { Report } from "./report.ts";

export const MAX_FILES = 5_000;
const PATH_CHARS = 1_024;
const NAMED_IN_A_NOTE = 5;

export interface SortedFiles {
  botJson: BotFile | undefined;
  /** In byte order of their paths, as the libs are. */
  commands: BotFile[];
  libs: BotFile[];
}

/** Sorts a folder's files into what they are, and holds the bounds that are held before anything is read. */
export function sortFiles(files: readonly BotFile[], report: Report): SortedFiles {
  const sorted: SortedFiles = { botJson: undefined, commands: [], libs: [] };
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
    else if (isScript(file.path, "commands/")) sorted.commands.push(file);
    else if (isScript(file.path, "libs/") && file.path.lastIndexOf("/") === "libs".length) sorted.libs.push(file);
    else ignored.push(file.path);
  }
  noteIgnored(ignored, report);
  checkTexts(sorted, report);
  return sorted;
}

/** Why a path may not name a file of a bot's folder; undefined where it may. */
export function pathFault(path: string): string | undefined {
  if (path.length > PATH_CHARS) return `a path may have at most ${PATH_CHARS} characters`;
  if (!path.isWellFormed()) return "the path is not well-formed text";
  if (path.includes("\0")) return "a path must not hold a NUL character";
  if (path.includes("\\")) return "a path is written with forward slashes and holds no backslash";
  if (path.startsWith("/")) return "a path must not be absolute";
  const isOdd = (part: string) => part === "" || part === "." || part === "..";
  return path.split("/").some(isOdd) ? "a path must not hold empty parts, `.` or `..`" : undefined;
}

function isScript(path: string, folder: string): boolean {
  return path.startsWith(folder) && path.endsWith(".js");
}

/** Byte order of the UTF-8 text: it is the same on every machine, and decides which of two files wins a name. */
function inByteOrder(files: readonly BotFile[]): BotFile[] {
  return files
    .map((file) => ({ file, bytes: Buffer.from(file.path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ file }) => file);
}

function checkTexts({ botJson, commands, libs }: SortedFiles, report: Report): void {
  let storedBytes = 0;
  for (const { path, text } of [...(botJson ? [botJson] : []), ...commands, ...libs]) {
    const bytes = Buffer.byteLength(text);
    if (bytes > SOURCE_BYTES) {
      report.add("error", `the file has ${bytes} bytes; at most ${SOURCE_BYTES} are allowed`, { file: path });
      continue;
    }
    if (!text.isWellFormed()) report.add("error", "the file is not well-formed text", { file: path });
    storedBytes += Buffer.byteLength(JSON.stringify(JSON.stringify(text))); // as a commit holds it: a quote needs 4 bytes
  }
  if (storedBytes > BOT_BYTES)
    report.add("error", `the bot has ${storedBytes} bytes of text as it is stored; at most ${BOT_BYTES} are allowed`);
}

function noteIgnored(paths: string[], report: Report): void {
  if (paths.length === 0) return;
  const named = paths.slice(0, NAMED_IN_A_NOTE).join(", ") + (paths.length > NAMED_IN_A_NOTE ? ", …" : "");
  const what = paths.length === 1 ? "1 file is" : `${paths.length} files are`;
  report.add("info", `${what} neither bot.json, commands/**.js nor libs/*.js and left out: ${named}`);
}
