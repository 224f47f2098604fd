import type { BotFile, NewCommand } from "../core/catalog.ts";
import { COMMAND_NAME_CHARS } from "../core/limits.ts";
import { parseCommandFile } from "./command-file.ts";
import type { CommandFile } from "./command-file.ts";
import type { Place, Report } from "./report.ts";

const KNOWN_KEYS = new Set(
  ["command", "help", "need_reply", "auto_retry_time", "folder", "answer", "keyboard", "aliases", "group"], //
);
const SECONDS = /^[0-9]{1,9}$/;

/** A command, and where its file says its name (from 1). */
export interface ReadCommand {
  command: NewCommand;
  nameLine: number;
}

/** Reads one command's file. What is wrong in it goes to the report; only a missing or overlong name is an error. */
export function readCommand({ path, text }: BotFile, report: Report): ReadCommand {
  const file = parseCommandFile(text);
  const nameLine = file.fields.get("command")?.line ?? 1;
  const field = (key: string) => file.fields.get(key)?.value ?? "";
  for (const flaw of file.flaws) report.add("warning", flaw.message, { file: path, line: flaw.line });
  for (const [key, { line }] of file.fields)
    if (!KNOWN_KEYS.has(key))
      report.add("info", `the header's "${key}" is not known and ignored`, { file: path, line });

  const command: NewCommand = {
    name: commandName({ file: path, line: nameLine }, field("command"), report),
    aliases: readAliases(field("aliases")),
    help: field("help"),
    answer: field("answer"),
    keyboard: field("keyboard"),
    need_reply: readYesNo(file, path, report),
    auto_retry_time: readSeconds(file, path, report),
    folder: folderName(path, field("folder")),
    group: field("group"),
    code: file.code,
    file: path,
    code_line: file.codeLine,
    head: file.head,
  };
  if (hasLabels(command.keyboard) && command.answer === "")
    report.add("warning", "a keyboard is sent with the answer, and this command has none", {
      file: path,
      line: file.fields.get("keyboard")?.line ?? 1,
    });
  return { command, nameLine };
}

/** The header's name, else the file's: a leading `_` stands for `/`, and `_` alone for `*`, as an export writes them. */
function commandName(place: Place, fromHeader: string, report: Report): string {
  const path = place.file;
  const base = path.slice(path.lastIndexOf("/") + 1, -".js".length).trim();
  const fromFile = base === "_" ? "*" : base.replace(/^_/, "/");
  const name = fromHeader === "" ? fromFile : fromHeader;
  if (name === "") report.add("error", "the command has no name, neither in the header nor by its file", place);
  if (name.length > COMMAND_NAME_CHARS)
    report.add("error", `a command's name may have at most ${COMMAND_NAME_CHARS} characters`, place);
  return name;
}

/** The header's folder, else the directory. Blanks at a directory's end are real, while editors cut a header's. */
function folderName(path: string, fromHeader: string): string {
  const directory = path.slice("commands/".length, Math.max("commands/".length, path.lastIndexOf("/")));
  return fromHeader === "" || fromHeader === directory.trim() ? directory : fromHeader;
}

function readAliases(list: string): string[] {
  const aliases = list.split(",").map((alias) => alias.trim().toLowerCase());
  return [...new Set(aliases)].filter((alias) => alias !== "");
}

function readYesNo({ fields }: CommandFile, path: string, report: Report): boolean {
  const field = fields.get("need_reply");
  const value = (field?.value ?? "").trim().toLowerCase();
  if (field && value !== "" && value !== "true" && value !== "false")
    report.add("warning", "need_reply is neither true nor false; taken as false", { file: path, line: field.line });
  return value === "true";
}

function readSeconds({ fields }: CommandFile, path: string, report: Report): number {
  const field = fields.get("auto_retry_time");
  const value = (field?.value ?? "").trim();
  if (SECONDS.test(value)) return Number(value);
  if (field && value !== "")
    report.add("warning", "auto_retry_time is not a whole number of seconds; taken as off", {
      file: path,
      line: field.line,
    });
  return 0;
}

/** Whether anything is left once rows (a line end, or a typed `\n`) and labels (commas) are taken apart. */
function hasLabels(keyboard: string): boolean {
  return keyboard.replaceAll("\\n", ",").replaceAll(",", " ").trim() !== "";
}
