import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { FoundFiles } from "../core/catalog.ts";
import { createGather, refused } from "./gather.ts";
import { isBotPath, isGitFolder, pathFault } from "./paths.ts";
import { runGit, withoutCredentials } from "./run-git.ts";
import type { GitRun } from "./run-git.ts";

export interface GitDeps {
  /** The environment git runs in (config.ts says which). */
  env: GitRun["env"];
  /** Where a folder may be made that is removed at the end. */
  tempDir: string;
  /** Milliseconds for all of it. */
  timeoutMs?: number;
  /** What a clone may take on the disk. */
  maxBytes?: number;
}

const TIMEOUT_MS = 60_000;
const CLONE_BYTES = 128 * 1024 * 1024;
const LIST_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 32 * 1024 * 1024;

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const SCHEMES: ReadonlySet<string> = new Set(["https", "http", "ssh", "git", "file"]);
/** `user@host:path`, as forges show it. */
const SCP = /^[\w.-]+@[\w.-]+:.+/;
const BRANCH = /^(?![-/.])[^\p{Cc} ~^:?*[\\]{1,200}$/u;

export function isGitAddress(text: string): boolean {
  return SCHEME.test(text) || SCP.test(text);
}

/**
 * Reads a bot out of the newest commit of a repository. No file is checked out: names and texts come from git's own
 * store, so that no link, filter, attribute or hook of the repository has a say.
 *
 * @param branch absent: the one that the repository shows first
 * @throws AppError `import_invalid`, with a sentence
 */
export async function readGit(address: string, branch: string | undefined, deps: GitDeps): Promise<FoundFiles> {
  const { env, tempDir, timeoutMs = TIMEOUT_MS, maxBytes = CLONE_BYTES } = deps;
  checkAddress(address);
  if (branch !== undefined && !BRANCH.test(branch)) throw refused(`${JSON.stringify(branch)} is no name of a branch`);
  const endsAt = performance.now() + timeoutMs;
  const run = (args: readonly string[], more: Pick<GitRun, "maxOutputBytes"> & Partial<GitRun>) =>
    runGit({ ...more, args, env, timeoutMs: Math.max(1, endsAt - performance.now()) });

  const clone = await mkdtemp(join(tempDir, "botyard-git-"));
  const removeAtOnce = () => {
    rmSync(clone, { recursive: true, force: true });
  };
  process.once("exit", removeAtOnce);
  try {
    const only = ["--bare", "--depth", "1", "--no-tags", "--single-branch", "--template=", "--quiet"];
    const from = branch === undefined ? [] : ["--branch", branch];
    const watch = async () => ((await bytesIn(clone)) > maxBytes ? `it has more than ${maxBytes} bytes` : undefined);
    await run(["clone", ...only, ...from, "--", address, clone], { maxOutputBytes: LIST_BYTES, watch });
    const tooLarge = await watch(); // it may all have come between two looks
    if (tooLarge !== undefined) throw refused(`the repository cannot be read: ${tooLarge}`);
    const inClone = ["--git-dir", clone];
    const tree = await run([...inClone, "ls-tree", "-r", "-z", "-l", "--full-tree", "HEAD"], {
      maxOutputBytes: LIST_BYTES,
    });
    const name = withoutCredentials(address);
    const gather = createGather(name);
    const wanted = readTree(tree).filter(({ path, bytes }) => gather.wants(path, bytes));
    const input = wanted.map(({ oid }) => `${oid}\n`).join("");
    const texts = await run([...inClone, "cat-file", "--batch"], { input, maxOutputBytes: READ_BYTES });
    let at = 0;
    for (const { path, bytes } of wanted) {
      const start = texts.indexOf("\n", at) + 1; // behind a line of name, type and size
      gather.add(path, texts.subarray(start, start + bytes));
      at = start + bytes + 1;
    }
    return gather.found();
  } finally {
    process.off("exit", removeAtOnce);
    await rm(clone, { recursive: true, force: true });
  }
}

function checkAddress(address: string): void {
  const scheme = SCHEME.exec(address)?.[1]?.toLowerCase();
  if (address.includes("\0") || /\s/.test(address)) throw refused("an address of a repository holds no blanks");
  if (scheme !== undefined && !SCHEMES.has(scheme))
    throw refused(`${scheme}: is no way to a repository; these are: ${[...SCHEMES].join(", ")}`);
}

interface Blob {
  path: string;
  oid: string;
  bytes: number;
}

/** `mode type oid size TAB path NUL` for each file; a submodule is a commit without a size. */
const ENTRY = /^(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t/;
const REGULAR: ReadonlySet<string> = new Set(["100644", "100755", "100664"]);

function readTree(listing: Buffer): Blob[] {
  const blobs: Blob[] = [];
  for (const part of splitAtNul(listing)) {
    const [head, mode = "", , oid = "", size = ""] = ENTRY.exec(part.toString("latin1")) ?? [];
    if (head === undefined) throw refused("git lists its files in a way that is not known here");
    const path = decodePath(part.subarray(head.length));
    if (path === undefined) throw refused("a file of the repository has a name that is not UTF-8");
    const isOfBot = isBotPath(path) || path === "commands" || path === "libs";
    if (!isOfBot || path.split("/").some(isGitFolder)) continue;
    const fault = pathFault(path) ?? (REGULAR.has(mode) ? undefined : kindOf(mode));
    if (fault !== undefined) throw refused(`${path}: ${fault}`);
    blobs.push({ path, oid, bytes: Number(size) });
  }
  return blobs;
}

function kindOf(mode: string): string {
  if (mode === "120000") return "a symbolic link, which is refused";
  if (mode === "160000") return "a submodule, which an import does not fetch";
  return "neither a file nor a folder";
}

function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return parts;
}

function decodePath(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes of all files in a folder; what vanishes meanwhile counts nothing. */
async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
