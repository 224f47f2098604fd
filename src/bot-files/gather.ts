import type { BotFile, FoundFiles } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { BOT_BYTES, SOURCE_BYTES } from "../core/limits.ts";
import { isBotPath, isKeptPath, isNeededPath } from "./paths.ts";
import { MAX_FILES } from "./sort-files.ts";

/** Takes in the files of a bot one by one and holds the bounds, the same for a folder, a zip and a repository. */
export interface Gather {
  /**
   * Whether the file is to be read. Called once for each file, before a byte of it is read.
   *
   * @throws AppError `import_invalid` where it is too large, or they are too many
   */
  wants(path: string, bytes: number): boolean;
  /** @throws AppError `import_invalid` where a script is not UTF-8 text, or a file lies elsewhere */
  add(path: string, content: Buffer): void;
  found(): FoundFiles;
}

const NAMED_IN_A_NOTE = 20;
/** What stands in a repository in the place of a file that lies elsewhere. */
const LFS_POINTER = "version https://git-lfs.github.com/spec/";

/** @param from what the files are read from, for messages */
export function createGather(from: string): Gather {
  const files: BotFile[] = [];
  const leftOut: string[] = [];
  let count = 0;
  let bytesInAll = 0;

  return {
    wants(path, bytes) {
      if (!isBotPath(path) || path.split("/").includes("node_modules")) return false;
      const isTooLarge = bytes > SOURCE_BYTES;
      if (isTooLarge && isNeededPath(path))
        throw refused(`${path} has ${bytes} bytes; at most ${SOURCE_BYTES} are allowed`);
      if (isTooLarge || !(isNeededPath(path) || isKeptPath(path))) {
        leftOut.push(path);
        return false;
      }
      if (++count > MAX_FILES) throw refused(`${from} has more than ${MAX_FILES} files`);
      bytesInAll += bytes;
      if (bytesInAll > BOT_BYTES) throw refused(`${from} has more than ${BOT_BYTES} bytes of text`);
      return true;
    },

    add(path, content) {
      const text = decode(content);
      if (text?.startsWith(LFS_POINTER)) throw refused(`${path} lies in Git LFS, which an import does not fetch`);
      if (text !== undefined) files.push({ path, text });
      else if (isNeededPath(path)) throw refused(`${path} is not UTF-8 text`);
      else leftOut.push(path);
    },

    found() {
      if (leftOut.length === 0) return { files, notes: [] };
      const named = leftOut.slice(0, NAMED_IN_A_NOTE).join(", ") + (leftOut.length > NAMED_IN_A_NOTE ? ", …" : "");
      const message = `left out, for they are hidden, too large or no text: ${named}`;
      return { files, notes: [{ level: "info", file: null, line: null, message }] };
    },
  };
}

export function refused(message: string, cause?: unknown): AppError {
  return new AppError("import_invalid", message, { cause });
}

/** The system's own short code, such as ENOENT: its message would repeat the path. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}

function decode(content: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}
