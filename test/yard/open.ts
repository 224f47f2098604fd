import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BotFile } from "../../src/core/catalog.ts";
import { DEFAULT_RUN_LIMITS, type RunLimits } from "../../src/core/limits.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import type { RateLimits } from "../../src/http/rate-limits.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Backend } from "../../src/store/store.ts";
import { openYard, type Yard } from "../../src/yard.ts";

export const ADMIN_TOKEN = "an-admin-token-for-tests-only";

export interface TestYardOptions {
  store?: "sqlite" | "memory" | Backend;
  limits?: Partial<RunLimits>;
  processes?: number;
  pauseMs?: number;
  trustedProxies?: string[];
  rateLimits?: RateLimits;
  log?: (line: Record<string, unknown>) => void;
}
export interface TestYard extends Yard {
  url: string;
  dataDir: string;
  /** Imports a bot of these commands (name → code) and libraries. */
  bot: (commands: Record<string, string>, libs?: Record<string, string>) => Promise<number>;
  user: (botId: number, name?: string) => Promise<number>;
  runs: (botId: number) => Promise<RunRecord[]>;
  api: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: any }>;
  /** Stops the server and removes its data. */
  end: () => Promise<void>;
}

/** The whole product on loopback, as main.ts puts it together. */
export async function openTestYard(options: TestYardOptions = {}): Promise<TestYard> {
  const dataDir = mkdtempSync(join(tmpdir(), "botyard-test-"));
  const kind = options.store ?? "sqlite";
  const store =
    kind === "memory" ? createMemoryStore() : kind === "sqlite" ? createSqliteStore({ dataDir, now: Date.now }) : kind;
  const yard = await openYard({
    store,
    secretKey: "a-secret-key-of-more-than-32-characters",
    adminToken: ADMIN_TOKEN,
    trustedProxies: options.trustedProxies ?? [],
    limits: { ...DEFAULT_RUN_LIMITS, ...options.limits },
    processes: options.processes ?? 2,
    pauseMs: options.pauseMs ?? 0,
    ...(options.rateLimits && { rateLimits: options.rateLimits }),
    log: options.log ?? (() => undefined),
  });
  await new Promise<void>((done) => yard.server.listen(0, "127.0.0.1", done));
  const url = yard.publicUrl();
  const api: TestYard["api"] = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
  };
  return {
    ...yard,
    url,
    dataDir,
    bot: async (commands, libs = {}) => (await yard.importBot(botFiles(commands, libs))).bot.id,
    user: async (botId, name = "Ann") => (await yard.catalog.addUser(botId, { first_name: name })).user.id,
    runs: (botId) => yard.runRecords({ bot: botId, limit: 100 }),
    api,
    end: async () => {
      await yard.drain();
      await yard.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Files of a bot's folder; names that no file may have are given by a header. */
export function botFiles(commands: Record<string, string>, libs: Record<string, string> = {}): BotFile[] {
  const json = { bb_sync_version: "1.0", name: "testbot", git_remote: null, csv_url: null };
  return [
    { path: "bot.json", text: JSON.stringify(json) },
    ...Object.entries(commands).map(([name, code], i) => ({
      path: `commands/c${i}.js`,
      text: `/*CMD\n  command: ${name}\nCMD*/\n${code}`,
    })),
    ...Object.entries(libs).map(([name, text]) => ({ path: `libs/${name}.js`, text })),
  ];
}

export async function answerOf(
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; body: any; headers: Headers }> {
  const answer = await fetch(url, { redirect: "manual", ...init });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? null : JSON.parse(text), headers: answer.headers };
}
