import { constants } from "node:fs";
import type { Dirent } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BotFile } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { BOT_BYTES, SOURCE_BYTES } from "../core/limits.ts";
import { MAX_FILES } from "./sort-files.ts";

const MAX_DEPTH = 16;
const UNDECODABLE = "\uFFFD"; // stands in a name whose bytes are not UTF-8

/**
 * Reads what an import needs of a bot's folder on disk: `bot.json`, every `.js` file under `commands/`, and those
 * directly in `libs/`. Symbolic links are refused: a folder from elsewhere must not make us send files of this machine.
 *
 * @throws AppError `import_invalid`, with a sentence that names the file
 */
export async function readFolder(folder: string): Promise<BotFile[]> {
  const top = await stat(folder).catch((cause: unknown) => {
    throw new AppError("import_invalid", `${folder} cannot be read: ${reason(cause)}`, { cause });
  });
  if (!top.isDirectory()) throw new AppError("import_invalid", `${folder} is not a folder`);

  const paths = await listScripts(folder);
  const files: BotFile[] = [];
  let bytes = 0;
  for (const path of paths) {
    const content = await readBounded(folder, path);
    bytes += content.length;
    if (bytes > BOT_BYTES) throw new AppError("import_invalid", `${folder} has more than ${BOT_BYTES} bytes of text`);
    files.push({ path, text: decode(path, content) });
  }
  return files;
}

async function listScripts(folder: string): Promise<string[]> {
  const paths: string[] = [];
  const visit = async (at: string, depth: number) => {
    for (const entry of await list(folder, at)) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (!isWanted(path, entry)) continue;
      const fault = entryFault(path, entry, depth);
      if (fault !== undefined) throw new AppError("import_invalid", `${path} ${fault}`);
      if (entry.isDirectory()) await visit(path, depth + 1);
      else paths.push(path);
      if (paths.length > MAX_FILES) throw new AppError("import_invalid", `${folder} has more than ${MAX_FILES} files`);
    }
  };
  await visit("", 0);
  return paths;
}

/** A link is always wanted, so that it is refused and not passed over: it may stand for a folder of commands. */
function isWanted(path: string, entry: Dirent): boolean {
  const isFolder = entry.isDirectory() || entry.isSymbolicLink();
  const isScript = path.endsWith(".js");
  if (path.startsWith("commands/")) return isScript || isFolder;
  if (path.startsWith("libs/")) return isScript && !entry.isDirectory();
  return path === "bot.json" || (isFolder && (path === "commands" || path === "libs"));
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
    throw new AppError("import_invalid", `${at || folder} cannot be read: ${reason(cause)}`, { cause });
  }
}

/** Opened without following a link and without waiting for a pipe, whatever the entry has become since it was listed. */
async function readBounded(folder: string, path: string): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const handle = await open(join(folder, path), flags);
    try {
      const { size } = await handle.stat();
      if (size > SOURCE_BYTES)
        throw new AppError("import_invalid", `${path} has ${size} bytes; at most ${SOURCE_BYTES} are allowed`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("import_invalid", `${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

function decode(path: string, content: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch (cause) {
    throw new AppError("import_invalid", `${path} is not UTF-8 text`, { cause });
  }
}

/** The system's own short code, such as ENOENT: its message would repeat the path. */
function reason(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}
