const PATH_CHARS = 1_024;

/** Why a path may not name a file of a bot's folder; undefined where it may. */
export function pathFault(path: string): string | undefined {
  if (path.length > PATH_CHARS) return `a path may have at most ${PATH_CHARS} characters`;
  if (!path.isWellFormed()) return "the path is not well-formed text";
  if (path.includes("\0")) return "a path must not hold a NUL character";
  if (path.includes("\\")) return "a path is written with forward slashes and holds no backslash";
  if (path.startsWith("/")) return "a path must not be absolute";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return "a path must not hold empty parts, `.` or `..`";
  // written to a disk, it would tell git to run what it says
  return parts.some(isGitFolder) ? "a path must not hold a folder of git's own" : undefined;
}

/** Whether an import looks at a path at all: what else lies beside a bot is not the bot's, and stays where it is. */
export function isBotPath(path: string): boolean {
  return path === "bot.json" || path.startsWith("commands/") || path.startsWith("libs/");
}

export function isCommandPath(path: string): boolean {
  return path.startsWith("commands/") && path.endsWith(".js");
}

export function isLibPath(path: string): boolean {
  return path.startsWith("libs/") && path.endsWith(".js") && path.lastIndexOf("/") === "libs".length;
}

/** Whether a bot cannot do without the file, so that an import is refused where it cannot be read. */
export function isNeededPath(path: string): boolean {
  return path === "bot.json" || isCommandPath(path) || isLibPath(path);
}

/** Whether a file that is no script is kept for export. Hidden files are settings of somebody's tools. */
export function isKeptPath(path: string): boolean {
  return isBotPath(path) && !path.split("/").some((part) => part.startsWith("."));
}

/** In any spelling that some file system takes for `.git`. */
export function isGitFolder(part: string): boolean {
  return /^(?:\.git|git~1)[ .]*$/i.test(part.replace(/\p{Cf}/gu, ""));
}
