import type { Lib } from "../core/bot.ts";
import type { BotCode, BotFile, ImportNote, NewCommand } from "../core/catalog.ts";
import { BOT_BYTES } from "../core/limits.ts";
import { readBotJson } from "./bot-json.ts";
import { readCommand } from "./command.ts";
import { noteSecrets } from "./find-secrets.ts";
import { noteOldLinks } from "./old-links.ts";
import { createReport } from "./report.ts";
import type { Report } from "./report.ts";
import { sortFiles } from "./sort-files.ts";

/** `code` is null where the report has an error: then nothing of the folder may be stored. */
export type ReadBot = { code: BotCode; report: ImportNote[] } | { code: null; report: ImportNote[] };

/** The library of this name is built in, and a shipped one does not replace it. */
const BUILT_IN_LIB = "Webhooks";
const BOM = "\uFEFF";

/**
 * Reads a bot's folder whole and checks it before anything is stored: `bot.json`, `commands/**` and `libs/*.js`. Scripts
 * are taken as they are: one that does not parse is an error of its run, and other commands go on.
 *
 * @see BJS, "Git repository format"
 */
export function readBotFiles(files: readonly BotFile[]): ReadBot {
  const report = createReport();
  const sorted = sortFiles(files, report);
  if (report.hasErrors()) return { code: null, report: report.notes() };

  const name = readBotJson(sorted.botJson, report);
  const { commands, losers } = readCommands(sorted.commands, report);
  const libs = sorted.libs.map((file) => readLib(file, report));
  const kept = [...(sorted.botJson ? [sorted.botJson] : []), ...losers, ...sorted.kept];
  for (const file of [...sorted.commands, ...sorted.libs]) {
    noteSecrets(file, report);
    if (file.path !== `libs/${BUILT_IN_LIB}.js`) noteOldLinks(file, report);
  }
  checkSize({ commands, libs, files: kept }, report);

  if (name === undefined || report.hasErrors()) return { code: null, report: report.notes() };
  return { code: { name, commands, libs, files: kept }, report: report.notes() };
}

/** Of two files that claim one name the first in byte order of the path wins; the other is kept as it is. */
function readCommands(files: readonly BotFile[], report: Report): { commands: NewCommand[]; losers: BotFile[] } {
  const byName = new Map<string, NewCommand>();
  const losers: BotFile[] = [];
  for (const file of files) {
    const { command, nameLine } = readCommand(file, report);
    const first = byName.get(command.name);
    if (!first) {
      byName.set(command.name, command);
      continue;
    }
    losers.push(file);
    const words = `the command "${command.name}" is also in ${first.file}, which wins: this file is kept and nothing runs it`;
    report.add("warning", words, { file: file.path, line: nameLine });
  }
  if (byName.size === 0) report.add("warning", "the folder has no commands");
  return { commands: [...byName.values()], losers };
}

function readLib({ path, text }: BotFile, report: Report): Lib {
  const name = path.slice("libs/".length, -".js".length);
  if (name === "") report.add("error", "the library has no name", { file: path });
  if (name === BUILT_IN_LIB) {
    const words =
      "replaced by the built-in library of this name, which signs its links otherwise: links that were given out " +
      "before work only where the bot has legacy links switched on";
    report.add("warning", words, { file: path, line: 1 });
  }
  return text.startsWith(BOM)
    ? { name, code: text.slice(BOM.length), file: path, head: BOM }
    : { name, code: text, file: path };
}

/** Measured as a commit holds it: JSON text in JSON text, in which a quote needs 4 bytes. */
function checkSize({ commands, libs, files }: Omit<BotCode, "name">, report: Report): void {
  let bytes = 0;
  for (const row of [...commands, ...libs, ...files]) bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(row)));
  if (bytes > BOT_BYTES)
    report.add("error", `the bot has ${bytes} bytes of text as it is stored; at most ${BOT_BYTES} are allowed`);
}
