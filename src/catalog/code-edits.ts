import type { Command, Lib } from "../core/bot.ts";
import type { Catalog, CommandDraft, NewCommand } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { stateKeys } from "../core/state-keys.ts";
import type { Draft, EditCode } from "./bots.ts";
import { nextId } from "./changes.ts";
import { parseCodeRows } from "./code-rows.ts";
import { rows } from "./rows.ts";

/**
 * Finds the file of a command, and the header that says in it what the command is.
 *
 * @param before the command as it stood, where it stood before
 * @param isTaken whether a path is another file's
 * @throws AppError `field_invalid` where no file can say it
 */
export type PlaceCommand = (
  draft: CommandDraft,
  before: Command | undefined,
  isTaken: (path: string) => boolean,
) => NewCommand;

export interface CodeEditsDeps {
  editCode: EditCode;
  placeCommand: PlaceCommand;
}

type CodeEdits = Pick<
  Catalog,
  "createCommand" | "changeCommand" | "deleteCommand" | "createLib" | "changeLib" | "deleteLib"
>;

/** Changes of single commands and libraries. */
export function createCodeEdits({ editCode, placeCommand }: CodeEditsDeps): CodeEdits {
  function place(draft: CommandDraft, before: Command | undefined, code: Draft["rows"]): NewCommand {
    const { commands, libs, files } = parseCodeRows(code);
    const others = commands.filter(({ id }) => id !== before?.id);
    if (others.some(({ name }) => name === draft.name))
      throw new AppError("conflict", "the bot has a command of this name already", { field: "name" });
    const taken = new Set([...[...others, ...libs].map(({ file }) => file), ...files.map(({ path }) => path)]);
    return placeCommand(draft, before, (path) => taken.has(path));
  }

  return {
    createCommand: (botId, draft, { once } = {}) =>
      editCode(
        botId,
        async ({ tx, rows: code }) => {
          const placed = place(draft, undefined, code);
          const command = { id: await nextId(tx, "command"), ...placed };
          code.set(stateKeys.command(command.id), rows.command.write(command));
          return command;
        },
        once,
      ),

    changeCommand: (botId, commandId, change, { once, expect } = {}) =>
      editCode(
        botId,
        ({ rows: code }) => {
          const before = readCommand(code, commandId);
          expect?.(before);
          const command = { id: commandId, ...place({ ...draftOf(before), ...change }, before, code) };
          code.set(stateKeys.command(commandId), rows.command.write(command));
          return Promise.resolve(command);
        },
        once,
      ),

    deleteCommand: (botId, commandId, { expect } = {}) =>
      editCode(botId, ({ rows: code }) => {
        expect?.(readCommand(code, commandId));
        code.delete(stateKeys.command(commandId));
        return Promise.resolve();
      }),

    createLib: (botId, { name, code: text }, { once } = {}) =>
      editCode(
        botId,
        ({ rows: code }) => {
          if (code.has(stateKeys.lib(name)))
            throw new AppError("conflict", "the bot has a library of this name already", { field: "name" });
          const lib: Lib = { name, code: text, file: `libs/${name}.js` };
          code.set(stateKeys.lib(name), rows.lib.write(lib));
          return Promise.resolve(lib);
        },
        once,
      ),

    changeLib: (botId, { name, code: text }, { expect } = {}) =>
      editCode(botId, ({ rows: code }) => {
        const before = readLib(code, name);
        expect?.(before);
        const lib = { ...before, code: text };
        code.set(stateKeys.lib(name), rows.lib.write(lib));
        return Promise.resolve(lib);
      }),

    deleteLib: (botId, name, { expect } = {}) =>
      editCode(botId, ({ rows: code }) => {
        expect?.(readLib(code, name));
        code.delete(stateKeys.lib(name));
        return Promise.resolve();
      }),
  };
}

function readCommand(code: Draft["rows"], commandId: number): Command {
  const text = code.get(stateKeys.command(commandId));
  if (text === undefined) throw new AppError("command_unknown", "this bot has no such command");
  return rows.command.read(text);
}

function readLib(code: Draft["rows"], name: string): Lib {
  const text = code.get(stateKeys.lib(name));
  if (text === undefined) throw new AppError("lib_not_found", "this bot has no such library");
  return rows.lib.read(text);
}

function draftOf(command: Command): CommandDraft {
  const { name, aliases, help, answer, keyboard, need_reply, auto_retry_time, folder, group, code } = command;
  return { name, aliases, help, answer, keyboard, need_reply, auto_retry_time, folder, group, code };
}
