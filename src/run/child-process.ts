import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setPriority } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildFrame, encodeFrame, readChildFrame, readFrames } from "./frames.ts";

const PAGE_BYTES = 4096;
const MB = 1024 * 1024;
const LOW_PRIORITY = 5;
const FIRST_TO_GO = "1000"; // oom_score_adj: the kernel's first choice when memory is short
const FLAGS = [
  "--no-node-snapshot", // isolated-vm needs it
  "--no-warnings",
  "--max-semi-space-size=1", // MB; a larger nursery only makes the process larger
];
/**
 * `sh` takes away core dumps (an abort would write a bot's memory to disk) and all of the environment but two names,
 * sets a bound to the CPU time of a child whose parent died in the middle of a run, then becomes the child. The parent
 * replaces a child long before that bound (pool.ts).
 */
const LAUNCH = 'ulimit -c 0; ulimit -t 900; exec env -i TZ=UTC LANG=en_US.UTF-8 "$0" "$@"';

/** What the parent sees of one child. */
export interface Child {
  readonly pid: number;
  send(frame: unknown): void;
  /** SIGKILL, at once. */
  kill(): void;
  /** Resident memory in MB; 0 where the system does not tell. */
  memoryMb(): number;
}

export interface ChildEvents {
  onFrame: (frame: ChildFrame) => void;
  /** It said something that no child of ours says. It is still alive. */
  onBad: (why: string) => void;
  /** It is gone; the signal that ended it, where one did. */
  onExit: (signal: NodeJS.Signals | null) => void;
}

const PROGRAM = fileURLToPath(new URL("child.js", import.meta.url));

/** Paths that a child may read: its own file, and the engine it loads. Nothing else, and it may write nowhere. */
function readablePaths(program: string): string[] {
  const require = createRequire(import.meta.url);
  const addon = dirname(require.resolve("isolated-vm"));
  const loader = dirname(createRequire(`${addon}/`).resolve("node-gyp-build"));
  const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));
  return [program, manifest, addon, loader, "/etc/alpine-release"];
}

/** Spawns a program as the sandbox's are: no environment, no descriptors but its two pipes, no files. */
export function spawnConfined(program: string): ChildProcess {
  const permissions = [
    "--permission",
    "--allow-addons",
    ...readablePaths(program).map((path) => `--allow-fs-read=${path}`),
  ];
  return spawn("/bin/sh", ["-c", LAUNCH, process.execPath, ...FLAGS, ...permissions, program], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {},
  });
}

/** Starts a sandbox process, which gets ready at our priority and runs scripts at a lower one. */
export function startChild({ onFrame, onBad, onExit }: ChildEvents): Child {
  const child = spawnConfined(PROGRAM);
  const { stdin, stdout, pid } = child;
  if (!stdin || !stdout) throw new Error("a sandbox process without pipes");
  if (pid !== undefined) goFirst(pid);
  stdin.on("error", () => undefined); // a broken pipe: the exit says it better
  readFrames(
    stdout,
    (frame, lines) => {
      const read = readChildFrame(frame, lines);
      // It starts at our own priority, with our own code; scripts come after this.
      if (read?.kind === "ready" && pid !== undefined) yieldToOthers(pid);
      if (read) onFrame(read);
      else onBad("a frame of unknown shape");
    },
    onBad,
  );
  let gone = false;
  const exit = (signal: NodeJS.Signals | null): void => {
    if (gone) return;
    gone = true;
    onExit(signal);
  };
  child.on("error", () => {
    exit(null);
  });
  child.on("exit", (_code, signal) => {
    exit(signal);
  });
  return {
    pid: pid ?? 0,
    send: (frame) => {
      stdin.write(encodeFrame(frame));
    },
    kill: () => {
      child.kill("SIGKILL");
    },
    memoryMb: () => residentMb(pid),
  };
}

function goFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, FIRST_TO_GO);
  } catch {
    // Not Linux, or the process is gone already: politeness, not a border.
  }
}

/** Linux keeps a priority for each thread. */
function yieldToOthers(pid: number): void {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), LOW_PRIORITY);
  } catch {
    // Not Linux, or the process is gone already: politeness, not a border.
  }
}

function residentMb(pid: number | undefined): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid ?? 0}/statm`, "latin1").split(" ")[1]);
    return (pages * PAGE_BYTES) / MB;
  } catch {
    return 0;
  }
}
