import { constants } from "node:fs";
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm, rmdir, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { BotFile } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { reasonOf } from "./gather.ts";
import { isBotPath, pathFault } from "./paths.ts";
import { readFolder } from "./read-folder.ts";

export interface WrittenFolder {
  written: number;
  /** Files that were there and that the bot does not have. */
  removed: number;
}

/**
 * Writes a bot's files into a folder that is new or empty. With `replace` the folder of a bot is taken too: its files
 * become those of this bot, and what else lies there (a README, a repository) stays.
 *
 * @throws AppError `export_invalid`, with a sentence
 */
export async function writeFolder(
  folder: string,
  files: readonly BotFile[],
  { replace = false }: { replace?: boolean } = {},
): Promise<WrittenFolder> {
  for (const { path } of files) {
    const fault = pathFault(path) ?? (isBotPath(path) ? undefined : "the path is none of a bot's folder");
    if (fault !== undefined) throw refused(`${JSON.stringify(path)} is not written: ${fault}`);
  }
  try {
    const names = await namesIn(folder);
    if (names === undefined) return await writeNew(folder, files);
    if (names.length === 0) return await writeInto(folder, files, []);
    if (!replace) throw refused(`${folder} is not empty; --replace puts the bot's files in the place of those there`);
    if (!names.includes("bot.json")) throw refused(`${folder} is no bot's folder: it has no bot.json`);
    return await writeInto(folder, files, (await readFolder(folder)).files);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw refused(`${folder} cannot be written: ${reasonOf(cause)}`, cause);
  }
}

/** undefined: it is not there. */
async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (reasonOf(cause) === "ENOENT") return undefined;
    throw refused(`${folder} cannot be read: ${reasonOf(cause)}`, cause);
  }
}

/** Beside its place first, so that the folder is there whole or not at all. */
async function writeNew(folder: string, files: readonly BotFile[]): Promise<WrittenFolder> {
  const place = resolve(folder);
  await mkdir(dirname(place), { recursive: true });
  const draft = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  try {
    const done = await writeInto(draft, files, []);
    await rename(draft, place);
    return done;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function writeInto(folder: string, files: readonly BotFile[], there: readonly BotFile[]): Promise<WrittenFolder> {
  const before = new Map(there.map(({ path, text }) => [path, text]));
  const gone = [...before.keys()].filter((path) => !files.some((file) => file.path === path));
  for (const path of gone) await unlink(join(folder, path));
  for (const directory of new Set(gone.map((path) => dirname(path)))) await removeEmpty(folder, directory);

  let written = 0;
  for (const { path, text } of files) {
    if (before.get(path) === text) continue;
    await makeDirectories(folder, path);
    await writeOne(join(folder, path), text, { isNew: !before.has(path), path });
    written++;
  }
  return { written, removed: gone.length };
}

/** A link on the way would lead out of the folder. */
async function makeDirectories(folder: string, path: string): Promise<void> {
  let at = folder;
  for (const part of path.split("/").slice(0, -1)) {
    at = join(at, part);
    await mkdir(at).catch((cause: unknown) => {
      if (reasonOf(cause) !== "EEXIST") throw cause;
    });
    if (!(await lstat(at)).isDirectory()) throw refused(`${at} is no folder, so ${path} cannot lie in it`);
  }
}

async function writeOne(place: string, text: string, { isNew, path }: { isNew: boolean; path: string }): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = await open(place, flags | (isNew ? constants.O_EXCL : constants.O_TRUNC)).catch((cause: unknown) => {
    const words = isNew && reasonOf(cause) === "EEXIST" ? "something of this name is there" : reasonOf(cause);
    throw refused(`${path} cannot be written: ${words}`, cause);
  });
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

async function removeEmpty(folder: string, directory: string): Promise<void> {
  for (let at = directory; at !== "." && at !== ""; at = dirname(at)) {
    const isGone = await rmdir(join(folder, at)).then(
      () => true,
      () => false, // something is still in it
    );
    if (!isGone) return;
  }
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError("export_invalid", message, { cause });
}
