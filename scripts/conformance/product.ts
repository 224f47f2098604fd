import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { type Bot, importScript, propertiesOf, type Run, runsOf } from "./bots.ts";
import { isAllowed, type Probe, sourceOf, type Verdict } from "./probe.ts";
import type { Server } from "./server.ts";

/** How far behind the script's own limit an answer may come. */
const GRACE_MS = 500;
const CALL_MS = 15_000;
/** The log's line about a lost process comes by another way than the answer: give it time. */
const LOG_MS = 30;
/** A second run must meet the process of the first: so many at once, of several bots, reach every process. */
const SECOND_BOTS = 3;
const SECOND_RUNS = 2;
const MESSAGE_BYTES = 64 * 1024;
const NAME_CHARS = 256;

export interface ProbeResult {
  verdict: Verdict;
  /** Sentences; none: the probe passes. */
  findings: string[];
  /** How far behind the limit the answer came; below 0: before it. */
  overMs: number;
  /** Asks again, at the end of all: an effect that came after the verdict would show. */
  recheck: () => Promise<string[]>;
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Runs one probe through the product, as a bot of its own called by its link. */
export async function runProbe(
  server: Server,
  probe: Probe,
  { runTimeoutMs }: { runTimeoutMs: number },
): Promise<ProbeResult> {
  const findings: string[] = [];
  const bot = await importScript(server, sourceOf(probe));
  if (typeof bot === "string") {
    const verdict = { outcome: "contained-error", detail: `refused at import: ${bot}`, ms: 0 };
    return { verdict, findings: judged(probe, verdict), overMs: -runTimeoutMs, recheck: () => Promise.resolve([]) };
  }
  let verdict = await call(server, bot);
  let ms = verdict.ms;
  findings.push(...capFindings(await runsOf(server, bot.id)));
  const left = await traces(server, bot);

  if (probe.then_code !== undefined) {
    const second = await runSecond(server, probe, probe.then_code);
    verdict = second.find(({ outcome }) => !isAllowed(probe, outcome)) ?? second[0] ?? verdict;
    ms = Math.max(ms, ...second.map((one) => one.ms));
  }
  findings.push(...judged(probe, verdict));
  const overMs = ms - runTimeoutMs;
  if (overMs > GRACE_MS) findings.push(`the answer came ${Math.round(overMs)} ms after the limit`);
  return {
    verdict,
    findings,
    overMs,
    recheck: async () => {
      const now = await traces(server, bot);
      return now === left ? [] : ["something came after the verdict: the bot's runs or properties have changed"];
    },
  };
}

async function runSecond(server: Server, probe: Probe, code: string): Promise<Verdict[]> {
  const bots = await Promise.all(Array.from({ length: SECOND_BOTS }, () => importScript(server, code)));
  const calls = bots.flatMap((bot) =>
    typeof bot === "string"
      ? [Promise.resolve({ outcome: "refused at import", detail: bot, ms: 0 })]
      : Array.from({ length: SECOND_RUNS }, () => call(server, bot)),
  );
  return Promise.all(calls);
}

function judged(probe: Probe, { outcome, detail }: Verdict): string[] {
  if (isAllowed(probe, outcome)) return [];
  const allowed = [probe.expect, ...probe.accept].join(" | ");
  return [`came to ${outcome.slice(0, 200)} (${detail.slice(0, 300)}); allowed: ${allowed}`];
}

/** Calls a bot by its link and reads from the answer, and for a good end from the run's record, what it came to. */
async function call(server: Server, { id, link }: Bot): Promise<Verdict> {
  const lostBefore = server.lost.length;
  const begun = performance.now();
  let status: number;
  let text: string;
  try {
    const answer = await fetch(link, { signal: AbortSignal.timeout(CALL_MS) });
    status = answer.status;
    text = await answer.text();
  } catch (error) {
    return { outcome: "hung", detail: String(error), ms: performance.now() - begun };
  }
  const ms = performance.now() - begun;
  if (status === 200) {
    const [run] = await runsOf(server, id);
    const first = run?.effects.find(({ kind }) => kind === "sendMessage");
    return { outcome: `ok:${first?.text ?? ""}`, detail: text.slice(0, 200), ms };
  }
  const read = errorSchema.safeParse(JSON.parse(text));
  if (!read.success || status !== 503) return { outcome: `status ${status}`, detail: text.slice(0, 200), ms };
  const { code, message } = read.data.error;
  await setTimeout(LOG_MS);
  const lost = server.lost.slice(lostBefore).find(({ botId }) => botId === id);
  if (lost) return { outcome: "killed", detail: `${lost.why}, ${lost.signal ?? "no signal"}: ${message}`, ms };
  if (code === "script_timeout") return { outcome: "timeout", detail: message, ms };
  if (code === "script_memory") return { outcome: "memory-error", detail: message, ms };
  const isScripts = code === "script_failed" || code === "unsupported_member" || code.startsWith("limit_");
  return { outcome: isScripts ? "contained-error" : `refused ${code}`, detail: message, ms };
}

/** What left the process was within the caps, and a failed run left no answer. */
function capFindings(runs: readonly Run[]): string[] {
  const findings: string[] = [];
  if (runs.length !== 1) findings.push(`${runs.length} runs are on record for one call`);
  for (const { state, answer, effects } of runs) {
    if (state === "failed" && answer !== null) findings.push("a failed run has an answer");
    for (const { text = "", name = "" } of effects)
      if (Buffer.byteLength(text) > MESSAGE_BYTES || name.length > NAME_CHARS)
        findings.push("an effect above its cap left the process");
  }
  return findings;
}

async function traces(server: Server, { id }: Bot): Promise<string> {
  return `${JSON.stringify(await runsOf(server, id))} ${await propertiesOf(server, id)}`;
}
