import { spawn } from "node:child_process";
import { reasonOf, refused } from "./gather.ts";

const STDERR_CHARS = 4_000;
/** Nothing of a repository is ever run: no hooks, no filters, no submodules; and nothing goes on behind our back. */
const CONFIG = [
  ...["core.hooksPath=/dev/null", "core.symlinks=false", "core.fsmonitor=false", "submodule.recurse=false"],
  ...["filter.lfs.smudge=", "filter.lfs.process=", "filter.lfs.required=false"],
  ...["gc.auto=0", "maintenance.auto=false", "advice.detachedHead=false"],
];

export interface GitRun {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  input?: string;
  /** Milliseconds until it is killed. */
  timeoutMs: number;
  maxOutputBytes: number;
  /** Looked at now and then while it runs; a sentence ends it. */
  watch?: () => Promise<string | undefined>;
}

const WATCH_MS = 200;

/**
 * Runs git in a process group of its own, which is killed as a whole: git starts helpers, and one that waits for a
 * silent server would stay behind.
 *
 * @returns what it wrote
 * @throws AppError `import_invalid`, with git's own words without credentials
 */
export function runGit({ args, env, input = "", timeoutMs, maxOutputBytes, watch }: GitRun): Promise<Buffer> {
  return new Promise((done, fail) => {
    const git = spawn("git", [...CONFIG.flatMap((setting) => ["-c", setting]), ...args], {
      ...{ env, detached: true, stdio: ["pipe", "pipe", "pipe"] as const },
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    let words = "";
    let verdict: string | undefined;
    const end = (why: string): void => {
      verdict ??= why;
      killGroup(git.pid);
    };
    const onSignal = (signal: NodeJS.Signals): void => {
      killGroup(git.pid);
      settle();
      process.kill(process.pid, signal); // the next in line, or the default: the end
    };
    const timer = setTimeout(() => {
      end(`it took longer than ${timeoutMs / 1_000} s`);
    }, timeoutMs);
    const watcher = setInterval(() => {
      void watch?.().then((why) => {
        if (why !== undefined) end(why);
      });
    }, WATCH_MS);
    process.once("SIGINT", onSignal).once("SIGTERM", onSignal);

    git.stdout.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxOutputBytes) end(`it holds more than ${maxOutputBytes} bytes`);
      else parts.push(part);
    });
    git.stderr.on("data", (part: Buffer) => {
      words = (words + part.toString()).slice(-STDERR_CHARS);
    });
    git.stdin.on("error", () => undefined); // a broken pipe: the exit says it better
    git.stdin.end(input);
    git.on("error", (cause) => {
      settle();
      const isMissing = reasonOf(cause) === "ENOENT";
      fail(
        refused(isMissing ? "git is not installed here: give a folder or a zip instead" : "git does not start", cause),
      );
    });
    git.on("close", (code) => {
      settle();
      if (verdict === undefined && code === 0) done(Buffer.concat(parts));
      else fail(refused(`the repository cannot be read: ${verdict ?? fatalWords(words)}`));
    });

    function settle(): void {
      clearTimeout(timer);
      clearInterval(watcher);
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    }
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // it is gone
  }
}

/** What git gave as the reason, without a password that stands in an address. */
function fatalWords(words: string): string {
  const lines = words.split("\n").filter((line) => line.trim() !== "");
  const said = (who: RegExp) => lines.find((line) => who.test(line)); // the first is the cause, others follow from it
  const fatal = said(/^fatal:/) ?? said(/^(?:error|remote):/) ?? lines.at(-1) ?? "git gives no reason";
  return withoutCredentials(fatal.replace(/^fatal: /, "").trim());
}

/** Text without what stands before the host of an address: a name there may be a token. */
export function withoutCredentials(text: string): string {
  return text.replace(/:\/\/[^/@\s]*@/g, "://…@").replace(/[^/@\s]+:[^/@\s]+@/g, "…@");
}
