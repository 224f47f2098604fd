import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Catalog, LinkKey } from "../../src/core/catalog.ts";
import { AppError } from "../../src/core/errors.ts";
import type { LinkRequest } from "../../src/core/link.ts";
import type { Owners } from "../../src/core/owner.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import type { Trigger } from "../../src/core/trigger.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { createMakeLink } from "../../src/http/links/make-link.ts";
import { NO_RATE_LIMITS } from "../../src/http/rate-limits.ts";
import { createServer, SERVER_TIMES, type ServerTimes } from "../../src/http/server.ts";

export const NOW = Date.parse("2026-01-01T00:00:00Z");
export const BOT = 77;
export const TOKEN = "the-operators-token";
export const PUBLIC_URL = "https://yard.example";

/** A run that went well. */
export function doneRun(trigger: Trigger, answer: string | null = "hello"): RunRecord {
  return {
    ...{ id: "run_1", bot_id: trigger.botId, state: "done", source: trigger.source, command: trigger.command },
    ...{ user_id: trigger.userId ?? null, answer, error: null, effects: [], log: [] },
    ...{ started_at: new Date(NOW).toISOString(), duration_ms: 1, tries: 1 },
  };
}

/** A run whose script failed. */
export function failedRun(trigger: Trigger, code: string, message: string): RunRecord {
  const place = { command: trigger.command, file: "a.js", line: 1, column: 1 };
  return { ...doneRun(trigger, null), state: "failed", error: { code, message, ...place } };
}

/** Keys derived from the bot and the key id, as the real yard does it. */
export function linkSecret(botId: number, kid: string): Buffer {
  return createHmac("sha256", "a yard secret of this test").update(`link/${botId}/${kid}`).digest();
}

const refusing = (name: string) => () => Promise.reject(new Error(`the test did not expect ${name}`));

/** A catalog of which only what a test gives works. */
export function fakeCatalog(parts: Partial<Catalog>): Catalog {
  const names = [
    ...["bots", "bot", "definition", "source", "storeBot", "changeBot", "deleteBot", "restorePoints", "restoreBot"],
    ...["createCommand", "changeCommand", "deleteCommand", "createLib", "changeLib", "deleteLib", "once"],
    ...["addUser", "changeUser", "users", "user", "chats", "chat", "changeChat", "incrementProperty"],
    ...["deleteUser", "properties", "property", "setProperty", "deleteProperty"],
    ...["linkKeys", "rotateLinkKey", "revokeLinkKey", "legacyAuthority"],
  ];
  return { ...Object.fromEntries(names.map((name) => [name, refusing(name)])), ...parts } as Catalog;
}

/** Owners of whom there are none, in a yard that writes down what it is told. */
export function fakeOwners(parts: Partial<Owners> = {}): Owners {
  const names = [
    ...["owners", "createOwner", "changeOwner", "deleteOwner", "tokens", "createToken", "revokeToken", "audit"],
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, refusing(name)])),
    owner: () => Promise.resolve(null),
    authenticate: () => Promise.resolve(null),
    note: () => Promise.resolve(),
    ...parts,
  } as Owners;
}

export interface FakeYard {
  url: string;
  port: number;
  /** What ran, in order. */
  runs: Trigger[];
  logs: Record<string, unknown>[];
  keys: LinkKey[];
  /** Path and query of a new link: its host is the public one, not this test's. */
  link: (request: LinkRequest, botId?: number) => Promise<string>;
  server: Server;
  drain: () => Promise<void>;
  clock: { now: number };
}

export interface FakeYardParts extends Partial<Omit<HttpDeps, "catalog" | "run">> {
  catalog?: Partial<Catalog>;
  run?: (trigger: Trigger) => RunRecord | Promise<RunRecord>;
  times?: Partial<ServerTimes>;
}

/** The HTTP room over a socket, with one bot (77) and functions in place of the other rooms. Closed with the test. */
export async function startYard({ catalog, run, times, ...parts }: FakeYardParts = {}): Promise<FakeYard> {
  const runs: Trigger[] = [];
  const logs: Record<string, unknown>[] = [];
  const clock = { now: NOW };
  const keys: LinkKey[] = [{ kid: "key_1", created_at: new Date(NOW).toISOString(), expires_at: null }];
  const linkKeys = (botId: number) =>
    botId === BOT ? Promise.resolve(keys) : Promise.reject(new AppError("bot_not_found", `there is no bot ${botId}`));
  const nonce = () => randomBytes(16).toString("base64url");
  const makeLink = createMakeLink({ linkKeys, linkSecret, publicUrl: () => PUBLIC_URL, now: () => clock.now, nonce });

  const deps: HttpDeps = {
    catalog: fakeCatalog({ linkKeys, ...catalog }),
    owners: fakeOwners(),
    rateLimits: NO_RATE_LIMITS,
    run: async (trigger) => {
      runs.push(trigger);
      return run === undefined ? doneRun(trigger) : await run(trigger);
    },
    legacyLinks: false,
    importBot: refusing("importBot"),
    tryImport: refusing("tryImport"),
    exportBot: refusing("exportBot"),
    runRecord: refusing("runRecord"),
    runRecords: refusing("runRecords"),
    linkSecret,
    makeLink,
    adminTokenSha256: createHash("sha256").update(TOKEN).digest(),
    trustedProxies: [],
    publicUrl: () => PUBLIC_URL,
    ready: () => Promise.resolve(true),
    now: () => clock.now,
    log: (line) => logs.push(line),
    ...parts,
  };
  const { server, drain } = createServer(deps, { ...SERVER_TIMES, ...times });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await drain();
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, port, runs, logs, keys, server, drain, clock },
    link: async (request, botId = BOT) => (await makeLink(botId, request)).slice(PUBLIC_URL.length),
  };
}
