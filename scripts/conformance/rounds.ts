import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Canary, createCanary, median, type Percentiles, percentiles } from "./canary.ts";
import { watchMemory } from "./memory-watch.ts";
import { ALIVE_FIRST, type Probe } from "./probe.ts";
import { type ProbeResult, runProbe } from "./product.ts";
import { type Lag, type Server, startServer } from "./server.ts";

const RUN_TIMEOUT_MS = 500;
const CAP_MB = 256;
const MAX_LAG_MS = 50;
/** A script that holds up the event loop does so each time; a busy machine does not. */
const LAG_TRIES = 3;
/** A poll of the supervisor, a late event loop, and the end of a process with much memory. */
const MAX_ABOVE_CAP_MS = 120;
const QUIET_MS = 5_000;
const UNMARKED_KILLS = 2;
const CANARY_FACTOR = 2;
const CANARY_MORE_MS = 50;

export interface Round {
  passed: number;
  /** Runs that cost their process: of probes that are marked for it, and of others. */
  killed: { marked: string[]; unmarked: string[] };
  maxOverMs: number;
  slowest: string;
  quiet: Percentiles;
  /** Of 50 ms and more: the machine is too busy to blame a probe for a late event loop. */
  quietLagMaxMs: number;
  attacked: Percentiles;
  lagP99Ms: number;
  lagMaxMs: number;
  /** The most of it that was the loop's own work, and not a want of processors. */
  lagOwnMaxMs: number;
  /** Times that a probe was played again because the event loop was late. */
  repeats: number;
  peakMb: number;
  overCapMb: number;
  overCapMs: number;
}
export interface Report {
  probes: number;
  isVoid: boolean;
  rounds: Round[];
  /** Medians over the rounds. */
  canary: { quietP99: number; attackedP99: number };
  findings: string[];
}
export interface RoundsOptions {
  rounds: number;
  /** Processes that burn CPU meanwhile. */
  load: number;
  tell: (line: string) => void;
}

/** Starts the product and plays the probes against it, round after round. */
export async function playRounds(probes: readonly Probe[], { rounds, load, tell }: RoundsOptions): Promise<Report> {
  const dataDir = mkdtempSync(join(tmpdir(), "botyard-conformance-"));
  const server = await startServer({ dataDir, runTimeoutMs: RUN_TIMEOUT_MS, processMemoryMb: CAP_MB });
  const burners = Array.from({ length: load }, () => spawn(process.execPath, ["-e", "for(;;);"], { stdio: "ignore" }));
  const report: Report = {
    probes: probes.length,
    isVoid: false,
    rounds: [],
    canary: { quietP99: 0, attackedP99: 0 },
    findings: [],
  };
  const find = (finding: string): void => {
    report.findings.push(finding);
    tell(finding);
  };
  try {
    const canary = await createCanary(server);
    await canary.call();
    for (const probe of probes.filter(({ id }) => ALIVE_FIRST.includes(id))) {
      const { findings } = await runProbe(server, probe, { runTimeoutMs: RUN_TIMEOUT_MS });
      for (const finding of findings) find(`void: ${probe.id} ${finding}`);
    }
    report.isVoid = report.findings.length > 0;
    for (let i = 0; i < rounds && !report.isVoid; i++)
      report.rounds.push(await playRound(probes, { server, canary, find }));
    if (!report.isVoid) judgeCanary(report, find);
  } finally {
    for (const burner of burners) end(burner);
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return report;
}

interface RoundDeps {
  server: Server;
  canary: Canary;
  find: (finding: string) => void;
}

async function playRound(probes: readonly Probe[], { server, canary, find }: RoundDeps): Promise<Round> {
  await server.health();
  const quiet = await quietTime(canary);
  const quietLag = worstOf((await server.health()).lags).lateMs;
  const memory = watchMemory({ pid: server.pid, capMb: CAP_MB });
  const calls = canary.start();
  const lags: Lag[] = [];
  const rechecks: { id: string; recheck: ProbeResult["recheck"] }[] = [];
  const round = {
    passed: 0,
    killed: { marked: [] as string[], unmarked: [] as string[] },
    maxOverMs: -Infinity,
    slowest: "",
    repeats: 0,
    peakMb: 0,
    overCapMb: 0,
    overCapMs: 0,
  };
  await server.health();
  for (const probe of probes) {
    const name = `${probe.id} ${probe.class}`;
    for (let tries = 1; ; tries++) {
      const result = await runProbe(server, probe, { runTimeoutMs: RUN_TIMEOUT_MS });
      await canary.call();
      const { lags: seen, ...health } = await server.health(probe.hostCheck);
      const { peakMb, overMb, overMs } = memory.take();
      const findings = [...result.findings, ...canary.takeWrong().map((said) => `the canary said ${said}`)];
      if (health.unhandled > 0) findings.push("a rejection was unhandled");
      if (!health.isClean) findings.push("a prototype of the server was changed");
      if (!health.isCheckTrue) findings.push("its check of the host is not true");
      if (overMs > MAX_ABOVE_CAP_MS)
        findings.push(`a child was above its memory cap for ${Math.round(overMs)} ms (${Math.round(overMb)} MB)`);
      if (!server.isAlive()) throw new Error(`the server did not survive ${name}`);
      lags.push(...seen);
      rechecks.push({ id: name, recheck: result.recheck });
      const worst = worstOf(seen);
      const blocked = seen.some(({ lateMs, ownMs }) => Math.min(lateMs, ownMs) >= MAX_LAG_MS);
      if (blocked || (worst.lateMs >= MAX_LAG_MS && quietLag < MAX_LAG_MS)) {
        if (findings.length === 0 && tries < LAG_TRIES) {
          round.repeats++;
          continue;
        }
        const own = `${Math.round(worst.ownMs)} ms of it its own work`;
        findings.push(`the event loop was ${Math.round(worst.lateMs)} ms late, ${own}`);
      }
      for (const finding of findings) find(`${name}: ${finding}`);
      if (findings.length === 0) round.passed++;
      if (result.verdict.outcome === "killed")
        round.killed[probe.needs_process_kill ? "marked" : "unmarked"].push(`${probe.id} (${result.verdict.detail})`);
      if (result.overMs > round.maxOverMs) Object.assign(round, { maxOverMs: result.overMs, slowest: probe.id });
      round.peakMb = Math.max(round.peakMb, peakMb);
      round.overCapMb = Math.max(round.overCapMb, overMb);
      round.overCapMs = Math.max(round.overCapMs, overMs);
      break;
    }
  }
  const attacked = percentiles(await calls.stop());
  memory.stop();
  for (const { id, recheck } of rechecks) for (const finding of await recheck()) find(`${id}: ${finding}`);
  if (round.killed.unmarked.length > UNMARKED_KILLS)
    find(`${round.killed.unmarked.length} unmarked probes cost a process: ${round.killed.unmarked.join("; ")}`);
  const late = lags.map(({ lateMs }) => lateMs);
  return {
    ...round,
    quiet,
    quietLagMaxMs: quietLag,
    attacked,
    lagP99Ms: percentiles(late).p99,
    lagMaxMs: Math.max(0, ...late),
    lagOwnMaxMs: Math.max(0, ...lags.map(({ lateMs, ownMs }) => Math.min(lateMs, ownMs))),
  };
}

function worstOf(lags: readonly Lag[]): Lag {
  return lags.toSorted((a, b) => b.lateMs - a.lateMs)[0] ?? { lateMs: 0, ownMs: 0 };
}

async function quietTime(canary: Canary): Promise<Percentiles> {
  const calls = canary.start();
  await setTimeout(QUIET_MS);
  return percentiles(await calls.stop());
}

function judgeCanary(report: Report, find: (finding: string) => void): void {
  const quiet = median(report.rounds.map((round) => round.quiet.p99));
  const attacked = median(report.rounds.map((round) => round.attacked.p99));
  report.canary = { quietP99: quiet, attackedP99: attacked };
  if (attacked > Math.max(quiet * CANARY_FACTOR, quiet + CANARY_MORE_MS))
    find(`the canary's p99 is ${attacked.toFixed(1)} ms while the probes run, and ${quiet.toFixed(1)} ms before`);
}

function end(burner: ChildProcess): void {
  burner.kill("SIGKILL");
}

/** The report as lines of text. */
export function describe({ probes, isVoid, rounds, canary, findings }: Report): string[] {
  if (isVoid) return ["The run is void: the host does not even run good scripts. No figures."];
  const times = ({ p50, p95, p99 }: Percentiles): string => `${p50.toFixed(1)}/${p95.toFixed(1)}/${p99.toFixed(1)}`;
  const ids = (kills: string[]): string => kills.map((kill) => kill.slice(0, 3)).join(" ") || "none";
  return [
    ...rounds.map((round, i) =>
      [
        `round ${i + 1}: ${round.passed}/${probes} pass`,
        `killed ${ids(round.killed.marked)}, unmarked ${ids(round.killed.unmarked)}`,
        `verdict at most ${Math.round(round.maxOverMs)} ms behind the limit (${round.slowest})`,
        `canary p50/p95/p99 quiet ${times(round.quiet)} ms, attacked ${times(round.attacked)} ms`,
        `event loop late at most ${round.quietLagMaxMs.toFixed(1)} ms quiet, p99 ${round.lagP99Ms.toFixed(1)} ms, at most ${round.lagMaxMs.toFixed(1)} ms (by its own work ${round.lagOwnMaxMs.toFixed(1)} ms), ${round.repeats} probes repeated for it`,
        `child at most ${Math.round(round.peakMb)} MB, above the cap by ${Math.round(round.overCapMb)} MB for ${Math.round(round.overCapMs)} ms`,
      ].join("; "),
    ),
    `canary, median of rounds: p99 ${canary.quietP99.toFixed(1)} ms quiet, ${canary.attackedP99.toFixed(1)} ms attacked`,
    findings.length === 0 ? "All of it passes." : `${findings.length} findings.`,
  ];
}
