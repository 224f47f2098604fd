import { createHash, randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { createCheckScripts } from "./bot-files/check-scripts.ts";
import { createOwnAddresses } from "./bot-files/old-links.ts";
import { placeCommand } from "./bot-files/place-command.ts";
import { createCatalog } from "./catalog/catalog.ts";
import { createDefinitions } from "./catalog/definitions.ts";
import { createOwners } from "./catalog/owners.ts";
import type { Catalog } from "./core/catalog.ts";
import { newId } from "./core/ids.ts";
import type { Owners } from "./core/owner.ts";
import type { RunQuery } from "./core/ledger.ts";
import type { RunLimits } from "./core/limits.ts";
import type { LinkRequest } from "./core/link.ts";
import type { RunRecord } from "./core/run-record.ts";
import { stateKeys, YARD } from "./core/state-keys.ts";
import type { Trigger } from "./core/trigger.ts";
import { createDeploy, type Deploy } from "./deploy.ts";
import { createFlow } from "./flow.ts";
import { createHabits } from "./habits.ts";
import { createMakeLink } from "./http/links/make-link.ts";
import { NO_RATE_LIMITS, type RateLimits } from "./http/rate-limits.ts";
import { createServer } from "./http/server.ts";
import { createLanes } from "./lanes.ts";
import { resolveCommand } from "./resolve/resolve.ts";
import { createSandbox } from "./run/sandbox.ts";
import { createSeal, linkSecret } from "./secrets.ts";
import { createLedger } from "./store/pipeline/ledger.ts";
import type { Backend } from "./store/store.ts";
import { createSweep } from "./sweep.ts";

const NONCE_BYTES = 16;
const SECRETS_KEPT = 2_000;
const SWEEP_EVERY_MS = 6 * 60 * 60 * 1_000;

export interface YardOptions {
  store: Backend;
  secretKey: string;
  adminToken: string;
  /** Origin of our own links; absent: where the server listens. */
  publicUrl?: string;
  trustedProxies: readonly string[];
  limits: RunLimits;
  processes: number;
  pauseMs: number;
  /** Whether links in their old form work for bots that do not say it themselves; absent: they do not. */
  legacyLinks?: boolean;
  /** Absent: none. */
  rateLimits?: RateLimits;
  log: (line: Record<string, unknown>) => void;
}

export interface Yard extends Deploy {
  catalog: Catalog;
  owners: Owners;
  run: (trigger: Trigger) => Promise<RunRecord>;
  makeLink: (botId: number, request: LinkRequest) => Promise<string>;
  /** Newest first. */
  runRecords: (query: RunQuery) => Promise<RunRecord[]>;
  /** Whether the yard ever had a bot. */
  isNew: () => Promise<boolean>;
  server: Server;
  /** Process ids of the sandbox children. */
  childPids: () => number[];
  publicUrl: () => string;
  /** Stops accepting and resolves when all that was under way has been answered. */
  drain: () => Promise<void>;
  /** Ends the children, makes durable what waits, closes the store. */
  close: () => Promise<void>;
}

/** Puts the rooms together: the one place, beside main.ts, that knows them all. */
export async function openYard(options: YardOptions): Promise<Yard> {
  const { store, secretKey, log } = options;
  const now = (): number => Date.now();
  const elapsed = (): number => performance.now();
  const ledger = createLedger({
    store,
    now,
    newId: (kind) => newId(kind),
    onError: (error) => {
      log({ level: "error", event: "store.fault", error: error instanceof Error ? error.message : String(error) });
    },
  });
  const definitions = createDefinitions();
  const catalog = createCatalog({
    ...{ ledger, definitions, placeCommand, now, seal: createSeal(secretKey) },
    forget: (botId) => ledger.forget(botId),
  });
  const owners = createOwners({
    ...{ ledger, now, bots: (ownerId) => catalog.bots(ownerId) },
    random: (bytes) => randomBytes(bytes),
    onError: (error) => {
      log({
        level: "warn",
        event: "token.use_unmarked",
        error: error instanceof Error ? error.message : String(error),
      });
    },
  });
  let listensOn: string | undefined;
  const publicUrl = (): string => options.publicUrl ?? (listensOn ??= listeningUrl(http.server)) ?? "http://127.0.0.1";
  const secretOf = remember((botId, kid) => linkSecret(secretKey, botId, kid));
  const makeLink = createMakeLink({
    linkKeys: (botId) => catalog.linkKeys(botId),
    linkSecret: secretOf,
    publicUrl,
    now,
    nonce: () => randomBytes(NONCE_BYTES).toString("base64url"),
  });
  const sandbox = createSandbox({
    limits: options.limits,
    processes: options.processes,
    pauseMs: options.pauseMs,
    resolve: resolveCommand,
    apiHost: () => new URL(publicUrl()).host,
    now: elapsed,
    log,
  });
  const withOwnAddresses = createOwnAddresses(() => ({ links: publicUrl(), pages: publicUrl() }));
  const run = createFlow({
    ledger,
    loadBot: async (tx, botId) => {
      const bot = await definitions.load(tx, botId);
      return bot && withOwnAddresses(bot);
    },
    find: (bot, text) => sandbox.find(bot, text),
    runScript: (job, host) => sandbox.run(job, host),
    makeLink,
    lanes: createLanes(),
    habits: createHabits(),
    newRunId: () => newId("run"),
    now,
    elapsed,
    log,
  });
  const deploy = createDeploy({ catalog, checkScripts: createCheckScripts() });
  const http = createServer({
    catalog,
    owners,
    rateLimits: options.rateLimits ?? NO_RATE_LIMITS,
    legacyLinks: options.legacyLinks ?? false,
    run,
    ...deploy,
    runRecord: (id) => ledger.runRecord(id),
    runRecords: (query) => ledger.runRecords(query),
    linkSecret: secretOf,
    makeLink,
    adminTokenSha256: createHash("sha256").update(options.adminToken).digest(),
    trustedProxies: options.trustedProxies,
    publicUrl,
    ready: () =>
      ledger.ping().then(
        () => true,
        () => false,
      ),
    now,
    log,
  });
  try {
    await catalog.finishDeletions();
    await sandbox.ready();
  } catch (error) {
    sandbox.close();
    await ledger.close();
    throw error;
  }
  const sweep = createSweep({
    bots: () => catalog.bots(),
    expireKeys: (bot, before) => ledger.expireKeys(bot, before),
    now,
    log,
  });
  const sweeping = setInterval(() => void sweep(), SWEEP_EVERY_MS).unref();
  return {
    catalog,
    owners,
    run,
    ...deploy,
    makeLink,
    runRecords: (query) => ledger.runRecords(query),
    isNew: async () => (await ledger.read(YARD, stateKeys.counter("bot"))) === null,
    server: http.server,
    childPids: () => sandbox.pids(),
    publicUrl,
    drain: http.drain,
    close: async () => {
      clearInterval(sweeping);
      sandbox.close();
      await ledger.close();
    },
  };
}

/** Keeps the keys that were derived last: deriving one costs as much as checking a dozen signatures. */
function remember(derive: (botId: number, kid: string) => Buffer): (botId: number, kid: string) => Buffer {
  const known = new Map<string, Buffer>();
  return (botId, kid) => {
    const name = `${botId}/${kid}`;
    const secret = known.get(name) ?? derive(botId, kid);
    known.delete(name);
    known.set(name, secret);
    for (const oldest of known.keys()) {
      if (known.size <= SECRETS_KEPT) break;
      known.delete(oldest);
    }
    return secret;
  };
}

/** An address that a caller on this machine can open: a server on all addresses is reached on loopback. */
function listeningUrl(server: Server): string | undefined {
  const address = server.address();
  if (address === null || typeof address === "string") return undefined;
  const { address: host, port, family } = address;
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return family === "IPv6" ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
