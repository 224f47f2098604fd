import { open, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { FoundFiles } from "../core/catalog.ts";
import { reasonOf, refused } from "./gather.ts";
import { readFolder } from "./read-folder.ts";
import { isGitAddress, readGit } from "./read-git.ts";
import type { GitDeps } from "./read-git.ts";
import { readZip } from "./read-zip.ts";

export interface SourceRequest {
  /** A folder, a zip, a bare repository on this machine, or the address of a repository. */
  from: string;
  /** Of a repository. */
  branch?: string;
}

const ZIP_MARKS: ReadonlySet<string> = new Set(["PK\x03\x04", "PK\x05\x06"]); // with files, and without

/**
 * Reads a bot's files from wherever they lie.
 *
 * @throws AppError `import_invalid`, with a sentence
 */
export async function readSource({ from, branch }: SourceRequest, git: GitDeps): Promise<FoundFiles> {
  const found = await stat(from).catch((cause: unknown) => {
    if (isGitAddress(from)) return undefined;
    throw refused(`${from} cannot be read: ${reasonOf(cause)}`, cause);
  });
  if (found === undefined) return readGit(from, branch, git);
  if (found.isDirectory() && (branch !== undefined || (await isBareRepository(from))))
    return readGit(pathToFileURL(resolve(from)).href, branch, git);
  if (branch !== undefined) throw refused(`${from} is no repository, so it has no branch`);
  if (found.isDirectory()) return readFolder(from);
  if (!found.isFile()) throw refused(`${from} is neither a folder nor a file`);
  if (!ZIP_MARKS.has(await firstBytes(from))) throw refused(`${from} is neither a folder, a zip nor a repository`);
  return readZip(from);
}

async function isBareRepository(folder: string): Promise<boolean> {
  const exists = (name: string) =>
    stat(join(folder, name)).then(
      () => true,
      () => false,
    );
  return (await exists("HEAD")) && (await exists("objects")) && !(await exists("bot.json"));
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw refused(`${path} cannot be read: ${reasonOf(cause)}`, cause);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}
