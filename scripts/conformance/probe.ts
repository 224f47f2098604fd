import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { z } from "zod";

/** One hostile script and what must become of it. The file that holds them is described in sandbox.ts. */
const probeSchema = z.object({
  id: z.string().regex(/^[A-Z][0-9]{2,3}$/),
  class: z.string(),
  note: z.string().optional(),
  code: z.string(),
  /** A JavaScript expression that builds the script, where it is too large to be written down. */
  gen: z.string().optional(),
  expect: z.string(),
  accept: z.array(z.string()).default([]),
  /** A second run, of another bot, whose outcome is the one that counts. */
  then_code: z.string().optional(),
  /** An expression over the host's own globals that must be true afterwards. */
  hostCheck: z.string().optional(),
  /** It was once seen to outlive every limit inside the process. */
  needs_process_kill: z.boolean().default(false),
});
export type Probe = z.infer<typeof probeSchema>;

/** @throws where the file cannot be read or is no list of probes */
export function readProbes(path: string): Probe[] {
  return z
    .array(probeSchema)
    .min(1)
    .parse(JSON.parse(readFileSync(path, "utf8")));
}

/** The script of a probe. */
export function sourceOf({ code, gen }: Probe): string {
  return gen === undefined ? code : z.string().parse(runInNewContext(gen));
}

/**
 * What became of a script, in the words of the probes file: `ok:` and the first message, `contained-error`, `timeout`,
 * `memory-error`, `killed`. Further words (`hung`, `refused CODE`, …) are in no probe's list, and so are findings.
 */
export interface Verdict {
  outcome: string;
  /** More words for the reader of a finding. */
  detail: string;
  /** From the call to its answer. */
  ms: number;
}

/** Scripts of these classes may cost the process; the others must not. */
const MAY_BE_KILLED = ["cpu", "memory", "recursion"];

/** Whether an outcome is one of those that the probe allows. */
export function isAllowed(probe: Probe, outcome: string): boolean {
  if (outcome === "killed") return MAY_BE_KILLED.includes(probe.class);
  return outcome === probe.expect || probe.accept.includes(outcome);
}

/** Probes that a dead host fails: most others expect an error, which it gives as well. */
export const ALIVE_FIRST = ["G04", "G19", "G30", "B32"];
