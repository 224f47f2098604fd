import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isAllowed, type Probe, sourceOf } from "./probe.ts";

/** What a naive host is told, and what it answers. */
export interface ControlCall {
  code: string;
  timeoutMs: number;
}
export interface ControlAnswer {
  outcome: string;
}

export type ControlKind = "naive" | "vm";
const PROGRAMS: Record<ControlKind, string> = { naive: "naive-host.ts", vm: "naive-vm-host.ts" };
const TIMEOUT_MS = 500;
/** A host that has not answered by then hangs. */
const HANG_MS = 1_000;

/** Probes that a suite with teeth sees fail on the naive host, and how many of them must. */
export const MUST_FAIL = "A09 A11 A25 A26 A27 B30 E03 E05 E09 E16 G04 C30 C31 C36".split(" ");
export const MUST_FAIL_LEAST = 10;

/**
 * Runs a script, and perhaps a second one after it, in a fresh naive host.
 *
 * @returns the last outcome; `hung` where the host never answered, `died` where it ended
 */
export async function runNaive(kind: ControlKind, codes: readonly string[]): Promise<string> {
  const host = fork(fileURLToPath(new URL(PROGRAMS[kind], import.meta.url)), {
    execArgv: ["--no-node-snapshot", "--no-warnings"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: {},
  });
  try {
    await new Promise((done) => host.once("message", done).once("exit", done)); // it is ready
    let outcome = "";
    for (const code of codes) {
      outcome = await new Promise<string>((done) => {
        const late = setTimeout(() => {
          done("hung");
        }, TIMEOUT_MS + HANG_MS);
        host.once("exit", () => {
          done("died");
        });
        host.once("message", ({ outcome: said }: ControlAnswer) => {
          clearTimeout(late);
          done(said);
        });
        host.send({ code, timeoutMs: TIMEOUT_MS } satisfies ControlCall);
      });
      if (outcome === "hung" || outcome === "died") break;
    }
    return outcome;
  } finally {
    host.kill("SIGKILL");
  }
}

/** Whether the naive host fails a probe, as it ought to. */
export async function goesRed(kind: ControlKind, probe: Probe): Promise<{ red: boolean; outcome: string }> {
  const codes = [sourceOf(probe), ...(probe.then_code === undefined ? [] : [probe.then_code])];
  const outcome = await runNaive(kind, codes);
  return { red: !isAllowed(probe, outcome), outcome };
}
