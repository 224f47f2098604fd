import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  node: string;
  /** The commit that was measured; with + where the tree had changes. */
  commit: string;
  /** Of the last minute before the bench: other work on the machine shows here. */
  loadBefore: number;
  /** The file system that the databases of the bench lie on. */
  dataOn: string;
}

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x01021994: "tmpfs", // memory: what is durable there costs nothing, and means nothing
  0x794c7630: "overlay",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
};

export function readMachine(): Machine {
  const { type } = statfsSync(tmpdir());
  const changed = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+";
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    commit: `${git("rev-parse", "--short", "HEAD") || "unknown"}${changed}`,
    loadBefore: loadavg()[0] ?? 0,
    dataOn: FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`,
  };
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, {
      encoding: "utf8",
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return ""; // not a clone
  }
}
