import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const START_MS = 30_000;

export interface ServerProcess {
  process: ChildProcess;
  url: string;
  /** What it has said on standard error so far. */
  said: () => string;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts the server as an operator does, on a free port of loopback. Resolves when it listens, or when it ended. */
export async function startServer(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<ServerProcess & { listens: boolean }> {
  const child = spawn(process.execPath, ["--no-node-snapshot", MAIN, "serve"], {
    env: { PATH: process.env["PATH"] ?? "", DATA_DIR: dataDir, PORT: "0", LOG_LEVEL: "error", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const ended = new Promise<number | NodeJS.Signals | null>((done) => {
    child.on("exit", (code, signal) => {
      done(code ?? signal);
    });
  });
  const listening = new Promise<string>((done) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const [, url] = /^Botyard listens on (\S+)\. .*\n/m.exec(said) ?? [];
      if (url !== undefined) done(url);
    });
  });
  const late = new Promise<undefined>((done) => {
    setTimeout(() => {
      done(undefined);
    }, START_MS).unref();
  });
  const url = await Promise.race([listening, ended.then(() => undefined), late]);
  return { process: child, url: url ?? "", said: () => said, ended, listens: url !== undefined };
}

export function adminToken(dataDir: string): string {
  return readFileSync(join(dataDir, "admin-token"), "utf8").trim();
}

/** A call of the REST API; the parsed answer. */
export async function callApi(
  server: { url: string },
  { token, method = "GET", path, body }: { token: string; method?: string; path: string; body?: unknown },
): Promise<unknown> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
