import type { Command, Lib } from "../core/bot.ts";
import type { BotCode, BotFile } from "../core/catalog.ts";
import type { Tx } from "../core/ledger.ts";
import { AppError } from "../core/errors.ts";
import { BOT_BYTES } from "../core/limits.ts";
import { stateKeys } from "../core/state-keys.ts";
import { nextId } from "./changes.ts";
import { digestOf } from "./definitions.ts";
import { rows } from "./rows.ts";

/** A bot's code as it is stored: commands, libraries and files, by the names of their rows. */
export type CodeRows = ReadonlyMap<string, string>;

const PREFIXES = [stateKeys.commands, stateKeys.libs, stateKeys.files];

export async function readCodeRows(tx: Pick<Tx, "list">): Promise<CodeRows> {
  const all = new Map<string, string>();
  for (const prefix of PREFIXES) for (const [key, text] of await tx.list(prefix)) all.set(key, text);
  return all;
}

export function parseCodeRows(code: CodeRows): { commands: Command[]; libs: Lib[]; files: BotFile[] } {
  const parsed = { commands: [] as Command[], libs: [] as Lib[], files: [] as BotFile[] };
  for (const [key, text] of code) {
    if (key.startsWith(stateKeys.commands)) parsed.commands.push(rows.command.read(text));
    else if (key.startsWith(stateKeys.libs)) parsed.libs.push(rows.lib.read(text));
    else parsed.files.push({ path: key.slice(stateKeys.files.length), text: rows.file.read(text) });
  }
  return parsed;
}

/** The rows of new code. A command keeps its id while it keeps its name. */
export async function makeCodeRows(tx: Tx, { commands, libs, files }: BotCode, before: CodeRows): Promise<CodeRows> {
  const after = new Map<string, string>();
  const ids = await commandIds(tx, commands, before);
  for (const command of commands) {
    const id = ids.get(command.name) ?? 0;
    after.set(stateKeys.command(id), rows.command.write({ id, ...command }));
  }
  for (const lib of libs) after.set(stateKeys.lib(lib.name), rows.lib.write(lib));
  for (const { path, text } of files) after.set(stateKeys.file(path), rows.file.write(text));
  return after;
}

/** Makes these rows the bot's code, writing only what differs. @returns whether anything did */
export function writeCodeRows(tx: Tx, before: CodeRows, after: CodeRows): boolean {
  let isChanged = false;
  const set = (key: string, text: string | null) => {
    tx.set(key, text);
    isChanged = true;
  };
  for (const key of before.keys()) if (!after.has(key)) set(key, null);
  for (const [key, text] of after) if (before.get(key) !== text) set(key, text);
  return isChanged;
}

/** The digest of what runs: the files that only an export needs are no part of it. */
export function codeDigest(code: CodeRows): string {
  return digestOf(new Map([...code].filter(([key]) => !key.startsWith(stateKeys.files))));
}

/** All of a bot must go into one commit, as an import of it would. @throws AppError `field_invalid` */
export function assertSize(code: CodeRows): void {
  let bytes = 0;
  for (const text of code.values()) bytes += Buffer.byteLength(JSON.stringify(text));
  if (bytes > BOT_BYTES)
    throw new AppError(
      "field_invalid",
      `with this the bot has ${bytes} bytes of text; at most ${BOT_BYTES} are allowed`,
      {
        field: "code",
      },
    );
}

async function commandIds(tx: Tx, commands: BotCode["commands"], before: CodeRows): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  for (const { id, name } of parseCodeRows(before).commands) known.set(name, id);

  const fresh = commands.filter(({ name }) => !known.has(name));
  if (fresh.length === 0) return known;
  const first = await nextId(tx, "command", fresh.length);
  for (const [i, { name }] of fresh.entries()) known.set(name, first + i);
  return known;
}
