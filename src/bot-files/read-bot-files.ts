import type { BotCode, BotFile, ImportNote } from "../core/catalog.ts";
import { readBotJson } from "./bot-json.ts";
import { readCommand } from "./command.ts";
import { createReport } from "./report.ts";
import type { Report } from "./report.ts";
import { sortFiles } from "./sort-files.ts";

/** `code` is null where the report has an error: then nothing of the folder may be stored. */
export type ReadBot = { code: BotCode; report: ImportNote[] } | { code: null; report: ImportNote[] };

/** The library of this name is built in, and a shipped one does not replace it. */
const BUILT_IN_LIB = "Webhooks";

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
  const commands = readCommands(sorted.commands, report);
  const libs = sorted.libs.map(({ path, text }) => ({
    name: libName(path, report),
    code: withoutBom(text),
    file: path,
  }));

  if (name === undefined || report.hasErrors()) return { code: null, report: report.notes() };
  return { code: { name, commands, libs }, report: report.notes() };
}

/** Of two files that claim one name the first in byte order of the path wins. */
function readCommands(files: readonly BotFile[], report: Report): BotCode["commands"] {
  const byName = new Map<string, BotCode["commands"][number]>();
  for (const file of files) {
    const command = readCommand(file, report);
    const first = byName.get(command.name);
    if (!first) byName.set(command.name, command);
    else
      report.add(
        "warning",
        `the command "${command.name}" is also in ${first.file}, which wins: this file is left out`,
        {
          file: file.path,
        },
      );
  }
  if (byName.size === 0) report.add("warning", "the folder has no commands");
  return [...byName.values()];
}

function libName(path: string, report: Report): string {
  const name = path.slice("libs/".length, -".js".length);
  if (name === "") report.add("error", "the library has no name", { file: path });
  if (name === BUILT_IN_LIB)
    report.add("info", "the file is kept, but the built-in library of this name is the one that runs", { file: path });
  return name;
}

function withoutBom(text: string): string {
  return text.replace(/^\uFEFF/, "");
}
