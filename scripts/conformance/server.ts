import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const HEALTH = new URL("health.ts", import.meta.url).href;
const START_MS = 30_000;
const ANSWER_MS = 5_000;

/** A turn of the event loop's timer: how late it came, and how much of that time the loop's own thread worked. */
export interface Lag {
  lateMs: number;
  ownMs: number;
}

/** How the server's process is since it was last asked. */
export interface HealthReport {
  lags: Lag[];
  unhandled: number;
  /** No prototype has gained or lost a member since the start. */
  isClean: boolean;
  isCheckTrue: boolean;
}

/** A line of the server's log about a run that lost its process. */
const lostSchema = z.object({
  event: z.literal("sandbox.lost"),
  botId: z.number(),
  why: z.string(),
  signal: z.string().nullable(),
});
export type LostRun = z.infer<typeof lostSchema>;

export interface Server {
  url: string;
  pid: number;
  token: string;
  isAlive: () => boolean;
  /** All of them so far. */
  lost: LostRun[];
  /** @param check an expression over the server's globals that ought to be true */
  health: (check?: string) => Promise<HealthReport>;
  /** A call of the REST API. */
  api: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
  stop: () => Promise<void>;
}

export interface ServerOptions {
  dataDir: string;
  runTimeoutMs: number;
  processMemoryMb: number;
}

/** Starts the product as an operator does, with a watcher in its process. */
export async function startServer({ dataDir, runTimeoutMs, processMemoryMb }: ServerOptions): Promise<Server> {
  const token = "a-token-for-the-conformance-run";
  const child = spawn(process.execPath, ["--no-node-snapshot", "--import", HEALTH, MAIN, "serve"], {
    env: {
      DATA_DIR: dataDir,
      PORT: "0",
      ADMIN_TOKEN: token,
      RUN_TIMEOUT_MS: String(runTimeoutMs),
      RUN_MEMORY_MB: String(processMemoryMb),
      SANDBOX_PAUSE_MS: "0",
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lost: LostRun[] = [];
  createInterface(child.stdout ?? process.stdin).on("line", (line) => {
    const read = lostSchema.safeParse(jsonOf(line));
    if (read.success) lost.push(read.data);
  });
  const ended = new Promise<void>((done) =>
    child.once("exit", () => {
      done();
    }),
  );
  const url = await listening(child);
  const health = askHealth(child);
  return {
    url,
    pid: child.pid ?? 0,
    token,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    lost,
    health,
    api: async (method, path, body) => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: jsonOf(await answer.text()) };
    },
    stop: async () => {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = "";
    const late = setTimeout(() => {
      fail(new Error(`the server does not listen: ${said}`));
    }, START_MS);
    child.once("exit", () => {
      fail(new Error(`the server ended: ${said}`));
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-10_000);
      const [, url] = /^Botyard listens on (\S+)\. .*\n/m.exec(said) ?? [];
      if (url === undefined) return;
      clearTimeout(late);
      done(url);
    });
  });
}

function askHealth(child: ChildProcess): Server["health"] {
  const waiting = new Map<number, (report: HealthReport) => void>();
  let ids = 0;
  child.on("message", (message: { id: number; report: HealthReport }) => {
    waiting.get(message.id)?.(message.report);
    waiting.delete(message.id);
  });
  return (check) =>
    new Promise((done, fail) => {
      const id = ++ids;
      const late = setTimeout(() => {
        fail(new Error("the server's event loop does not answer"));
      }, ANSWER_MS);
      waiting.set(id, (report) => {
        clearTimeout(late);
        done(report);
      });
      child.send({ id, ...(check !== undefined && { check }) });
    });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
