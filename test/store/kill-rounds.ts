import Database from "better-sqlite3";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WriterFaults } from "../../src/store/sqlite/writer-messages.ts";
import type { AckedLine } from "./kill-child.ts";

export interface KillRounds {
  dataDir: string;
  rounds: number;
  /** How long the server works after its first answer before it is killed; a server with faults dies by itself. Milliseconds. */
  lifeMs: (round: number) => number;
  faults?: (round: number) => WriterFaults | undefined;
}

/** What was found after the last kill. All but `acknowledged` and `committed` have to be 0. */
export interface KillReport {
  acknowledged: number;
  committed: number;
  /** Acknowledged runs that are not there. */
  lost: number;
  /** Runs whose task is there twice, or not at all. */
  tasksWrong: number;
  /** By how much the counter that every run adds one to is off. */
  counterOff: number;
  keysWithTwoAnswers: number;
}

/** Kills a server under load with SIGKILL, starts it again, and holds what it told its callers against its file. */
export async function playKillRounds({ dataDir, rounds, lifeMs, faults }: KillRounds): Promise<KillReport> {
  const acked: AckedLine[] = [];
  for (let round = 0; round < rounds; round++) acked.push(...(await oneLife(dataDir, lifeMs(round), faults?.(round))));
  return compare(dataDir, acked);
}

function oneLife(dataDir: string, lifeMs: number, faults?: WriterFaults): Promise<AckedLine[]> {
  const program = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
  const args = [program, dataDir, ...(faults ? [JSON.stringify(faults)] : [])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let complaints = "";
  child.stderr.on("data", (data: Buffer) => (complaints += data.toString()));
  child.stdout.on("data", (data: Buffer) => {
    const hadAnswered = output.includes("{");
    output += data.toString();
    if (!hadAnswered && output.includes("{") && !faults?.die) setTimeout(() => child.kill("SIGKILL"), lifeMs);
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (signal !== "SIGKILL") reject(new Error(`the server ended by itself (${code}): ${complaints}`));
      const [, ...lines] = output.split("\n").slice(0, -1); // the first says "up", what follows the last is cut off
      resolve(lines.map((line) => JSON.parse(line) as AckedLine));
    });
  });
}

function compare(dataDir: string, acked: readonly AckedLine[]): KillReport {
  const db = new Database(join(dataDir, "botyard.sqlite"));
  try {
    const all = <T>(sql: string) => db.prepare<[], T>(sql).all();
    const committed = new Set(all<{ id: string }>("SELECT id FROM runs").map(({ id }) => id));
    const tasks = all<{ run: string }>("SELECT run FROM tasks").map(({ run }) => run);
    const withTask = new Set(tasks);
    const counter = all<{ value: string }>("SELECT value FROM state WHERE bot = 1 AND key = 'p/b/x'")[0]?.value ?? "0";

    const answers = new Map<string, Set<string>>();
    for (const { run, key } of acked) if (key !== undefined) answers.set(key, (answers.get(key) ?? new Set()).add(run));
    const acknowledged = new Set(acked.map(({ run }) => run));
    return {
      acknowledged: acknowledged.size,
      committed: committed.size,
      lost: [...acknowledged].filter((run) => !committed.has(run)).length,
      tasksWrong: tasks.length - withTask.size + [...committed].filter((run) => !withTask.has(run)).length,
      counterOff: Number(counter) - committed.size,
      keysWithTwoAnswers: [...answers.values()].filter((runs) => runs.size > 1).length,
    };
  } finally {
    db.close();
  }
}
