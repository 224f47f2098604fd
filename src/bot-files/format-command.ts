import type { CommandDraft } from "../core/catalog.ts";
import { CLOSE, OPEN } from "./command-file.ts";
import { splitLines } from "./lines.ts";

/** The members of a header in the order of an export; `answer` and `keyboard` come as blocks where they need to. */
const ORDER = [
  "command",
  "help",
  "need_reply",
  "auto_retry_time",
  "folder",
  "answer",
  "keyboard",
  "aliases",
  "group",
] as const;

/**
 * The header of a command that no file says (any more), in the form of an export. Nothing in it is escaped: whether it
 * says what it should is for the caller to check, by reading it again.
 *
 * @see BJS, "Git repository format"
 */
export function formatHead(command: CommandDraft): string {
  const values: Record<(typeof ORDER)[number], string> = {
    command: command.name,
    help: command.help,
    need_reply: command.need_reply ? "true" : "false",
    auto_retry_time: command.auto_retry_time === 0 ? "" : String(command.auto_retry_time),
    folder: command.folder,
    answer: command.answer,
    keyboard: command.keyboard,
    aliases: command.aliases.join(", "),
    group: command.group,
  };
  return `${OPEN}\n${ORDER.map((key) => fieldText(key, values[key])).join("")}${CLOSE}\n`;
}

function fieldText(key: string, value: string): string {
  if (value === value.trim() && splitLines(value).length === 1) return `  ${key}: ${value}\n`;
  const name = key.toUpperCase();
  return `\n  <<${name}\n${splitLines(value).join("\n")}\n  ${name}\n`;
}

const ODD = /[/\\:*\0]/g;
const NAME_BYTES = 120; // a file system takes 255, and a number may follow

/**
 * A path for a command that has no file yet: `/start` lies in `_start.js`, below the directory of its folder. The name
 * itself stands in the header.
 *
 * @param isTaken whether a path is another file's
 */
export function commandPath(
  { name, folder }: Pick<CommandDraft, "name" | "folder">,
  isTaken: (path: string) => boolean,
) {
  const isDirectory = folder !== "" && !/[/\\\0]|^\.|^\s+$/.test(folder) && Buffer.byteLength(folder) <= NAME_BYTES;
  const directory = isDirectory ? `commands/${folder}/` : "commands/";
  const base = cut(name.replace(ODD, "_").replace(/^\./, "_"));
  for (let number = 1; ; number++) {
    const path = `${directory}${base}${number === 1 ? "" : ` ${number}`}.js`;
    if (!isTaken(path)) return path;
  }
}

/** Whole characters only, and no blank or control character that an editor or a file system may take away. */
function cut(name: string): string {
  let text = "";
  for (const char of name.toWellFormed().replace(/\p{Cc}/gu, "_")) {
    if (Buffer.byteLength(text + char) > NAME_BYTES) break;
    text += char;
  }
  return text.trim() === "" ? "_" : text;
}
