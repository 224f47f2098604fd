import type { BotFile, BotSource, CommandDraft, NewCommand } from "../core/catalog.ts";
import type { Command } from "../core/bot.ts";
import { AppError } from "../core/errors.ts";
import { formatBotJson, readBotJson } from "./bot-json.ts";
import { readCommand } from "./command.ts";
import { commandPath, formatHead } from "./format-command.ts";
import { isCommandPath } from "./paths.ts";
import { createReport } from "./report.ts";

const BOT_JSON = "bot.json";

/**
 * The files of a bot. What came from a file and was not changed since is that file again, byte for byte; a command that
 * was changed or made here gets a header of our own. Importing the files gives the same bot.
 *
 * @returns the files in byte order of their paths
 * @throws AppError `export_invalid` where a value cannot be written, naming the command and the member
 * @see BJS, decision 19
 */
export function writeBotFiles({ meta, commands, libs, files }: BotSource): BotFile[] {
  const out = new Map<string, string>();
  const kept = new Map(files.map(({ path, text }) => [path, text]));
  const botJson = kept.get(BOT_JSON);
  out.set(
    BOT_JSON,
    botJson !== undefined && nameIn(botJson) === meta.name ? botJson : formatBotJson(meta.name, botJson),
  );

  for (const { file, code, head = "" } of libs) out.set(file, head + code);
  const changed: Command[] = [];
  for (const command of commands) {
    const text = (command.head ?? "") + command.code;
    if (command.head !== undefined && !out.has(command.file) && says(command, { path: command.file, text }))
      out.set(command.file, text);
    else changed.push(command);
  }
  const isTaken = (path: string) => out.has(path) || kept.has(path);
  for (const command of changed) {
    const { path, text } = writeCommand(command, isTaken);
    out.set(path, text);
  }

  const claims = new Map(
    [...out].flatMap(([path, text]) => (isCommandPath(path) ? [[nameOf({ path, text }), path]] : [])),
  );
  for (const [path, text] of kept) if (!out.has(path) && staysUnused({ path, text }, claims)) out.set(path, text);
  return [...out]
    .map(([path, text]) => ({ path, text, bytes: Buffer.from(path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ path, text }) => ({ path, text }));
}

/** In its own file where that still says all, else in one where it does. */
function writeCommand(command: Command, isTaken: (path: string) => boolean): BotFile {
  const text = formatHead(command) + command.code;
  const own = { path: command.file, text };
  if (isCommandPath(own.path) && !isTaken(own.path) && says(command, own)) return own;
  const file = { path: commandPath(command, isTaken), text };
  const wrong = wrongMember(command, file);
  if (wrong === undefined) return file;
  throw new AppError(
    "export_invalid",
    `the command ${JSON.stringify(command.name)} cannot be written as a file: its ${wrong} holds what would end the ` +
      "header or a block of it, or lines that a file cannot keep as they are",
  );
}

/** What a file says of a command, in the order of a header. Where the script begins in the file does not count. */
const MEMBERS = [
  ...(["name", "help", "need_reply", "auto_retry_time", "folder", "answer", "keyboard"] as const),
  ...(["aliases", "group", "code"] as const),
];

function says(command: Command, file: BotFile): boolean {
  return wrongMember(command, file) === undefined;
}

/** The first member of a command of which the file says something else; undefined: it says all of it. */
export function wrongMember(command: CommandDraft, file: BotFile): (typeof MEMBERS)[number] | undefined {
  const read = readAgain(file);
  return MEMBERS.find((member) => !isSame(member, read, command));
}

/** A header keeps no line ends but LF, and a blank value is none. */
function isSame(member: (typeof MEMBERS)[number], a: CommandDraft, b: CommandDraft): boolean {
  const plain = (value: unknown) =>
    typeof value === "string" && member !== "code" ? value.replace(/\r\n?/g, "\n").replace(/^\s+$/, "") : value;
  return JSON.stringify(plain(a[member])) === JSON.stringify(plain(b[member]));
}

function readAgain(file: BotFile): NewCommand {
  return readCommand(file, createReport()).command;
}

function nameOf(file: BotFile): string {
  return readAgain(file).name;
}

function nameIn(botJson: string): string | undefined {
  return readBotJson({ path: BOT_JSON, text: botJson }, createReport());
}

/** A script that lost its name to another stays where that one still stands before it: else an import would run it. */
function staysUnused(file: BotFile, claims: ReadonlyMap<string, string>): boolean {
  if (!isCommandPath(file.path)) return file.path !== BOT_JSON;
  const winner = claims.get(nameOf(file));
  return winner !== undefined && Buffer.compare(Buffer.from(winner), Buffer.from(file.path)) < 0;
}
