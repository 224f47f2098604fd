import type { Command } from "../core/bot.ts";
import type { CommandDraft, NewCommand } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { SOURCE_BYTES } from "../core/limits.ts";
import { readCommand } from "./command.ts";
import { commandPath, formatHead } from "./format-command.ts";
import { isCommandPath } from "./paths.ts";
import { createReport } from "./report.ts";
import { wrongMember } from "./write-bot-files.ts";

/**
 * The file of a command that is made or changed here, so that an export of the bot is what its scripts' errors point
 * into. A header that its author wrote stays as long as it says what the command is.
 *
 * @param before the command as it stood, where it stood before
 * @param isTaken whether a path is another file's
 * @throws AppError `field_invalid`, naming the member that no file can hold
 */
export function placeCommand(
  draft: CommandDraft,
  before: Command | undefined,
  isTaken: (path: string) => boolean,
): NewCommand {
  if (Buffer.byteLength(draft.code) > SOURCE_BYTES)
    throw new AppError("field_invalid", `a script may have at most ${SOURCE_BYTES} bytes`, { field: "code" });
  const isFree = before !== undefined && isCommandPath(before.file) && !isTaken(before.file);
  const own = isFree ? before.file : commandPath(draft, isTaken);
  const heads = [...(before?.head === undefined ? [] : [before.head]), formatHead(draft)];
  const paths = new Set([own, commandPath(draft, isTaken)]); // a file that lies in a directory says a folder by that
  for (const path of paths)
    for (const head of heads) {
      const file = { path, text: head + draft.code };
      const { code_line } = readCommand(file, createReport()).command;
      const command = { ...draft, file: path, code_line, head };
      if (wrongMember(command, file) === undefined) return command;
    }
  const text = formatHead(draft) + draft.code;
  const wrong = wrongMember(draft, { path: own, text }) ?? "name";
  throw new AppError("field_invalid", `${wrong}: no file of a bot can hold this value as it is`, { field: wrong });
}
