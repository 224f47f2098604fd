import { constants } from "node:fs";
import type { Dirent } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FoundFiles } from "../core/catalog.ts";
import { createGather, reasonOf, refused } from "./gather.ts";
import type { Gather } from "./gather.ts";
import { isBotPath, isGitFolder } from "./paths.ts";
import { MAX_FILES } from "./sort-files.ts";

const MAX_DEPTH = 16;
const UNDECODABLE = "\uFFFD"; // stands in a name whose bytes are not UTF-8

/**
 * Reads a bot's folder on disk: `bot.json`, and what lies under `commands/` and `libs/`. Symbolic links are refused: a
 * folder from elsewhere must not make us send files of this machine.
 *
 * @throws AppError `import_invalid`, with a sentence that names the file
 */
export async function readFolder(folder: string): Promise<FoundFiles> {
  const top = await stat(folder).catch((cause: unknown) => {
    throw refused(`${folder} cannot be read: ${reasonOf(cause)}`, cause);
  });
  if (!top.isDirectory()) throw refused(`${folder} is not a folder`);

  const gather = createGather(folder);
  for (const path of await listFiles(folder)) await readInto(gather, folder, path);
  return gather.found();
}

async function listFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  const visit = async (at: string, depth: number) => {
    for (const entry of await list(folder, at)) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (!isWanted(path, entry)) continue;
      const fault = entryFault(path, entry, depth);
      if (fault !== undefined) throw refused(`${path} ${fault}`);
      if (entry.isDirectory()) await visit(path, depth + 1);
      else paths.push(path);
      if (paths.length > MAX_FILES) throw refused(`${folder} has more than ${MAX_FILES} files`);
    }
  };
  await visit("", 0);
  return paths;
}

/** A link is always wanted, so that it is refused and not passed over: it may stand for a folder of commands. */
function isWanted(path: string, entry: Dirent): boolean {
  if (isGitFolder(entry.name) || entry.name === "node_modules") return false;
  if (isBotPath(path)) return path !== "bot.json" || !entry.isDirectory();
  return (path === "commands" || path === "libs") && (entry.isDirectory() || entry.isSymbolicLink());
}

function entryFault(path: string, entry: Dirent, depth: number): string | undefined {
  if (path.includes(UNDECODABLE)) return "has a name that is not UTF-8";
  if (entry.isSymbolicLink()) return "is a symbolic link, which is refused";
  if (entry.isDirectory()) return depth < MAX_DEPTH ? undefined : `lies deeper than ${MAX_DEPTH} folders`;
  return entry.isFile() ? undefined : "is not a file";
}

async function list(folder: string, at: string): Promise<Dirent[]> {
  try {
    return await readdir(join(folder, at), { withFileTypes: true });
  } catch (cause) {
    throw refused(`${at || folder} cannot be read: ${reasonOf(cause)}`, cause);
  }
}

/** Opened without following a link and without waiting for a pipe, whatever the entry has become since it was listed. */
async function readInto(gather: Gather, folder: string, path: string): Promise<void> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(join(folder, path), flags).catch((cause: unknown) => {
    throw refused(`${path} cannot be read: ${reasonOf(cause)}`, cause);
  });
  try {
    const { size } = await handle.stat();
    if (!gather.wants(path, size)) return;
    const content = await handle.readFile().catch((cause: unknown) => {
      throw refused(`${path} cannot be read: ${reasonOf(cause)}`, cause);
    });
    gather.add(path, content);
  } finally {
    await handle.close();
  }
}
