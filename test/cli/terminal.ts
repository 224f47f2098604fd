import { createHash } from "node:crypto";
import { createCli } from "../../src/cli/cli.ts";
import type { CliDeps } from "../../src/cli/cli.ts";
import type { BotFile } from "../../src/core/catalog.ts";
import { newId } from "../../src/core/ids.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import type { Trigger } from "../../src/core/trigger.ts";
import { createDeploy } from "../../src/deploy.ts";
import { createMakeLink } from "../../src/http/links/make-link.ts";
import { NO_RATE_LIMITS } from "../../src/http/rate-limits.ts";
import { createServer } from "../../src/http/server.ts";
import { linkSecret } from "../../src/secrets.ts";
import { createYard } from "../catalog/yard.ts";

export const TOKEN = "t".repeat(32);

/** What a terminal shows of one command. */
export interface Shown {
  exit: number;
  out: string;
  err: string;
}

/** A terminal whose commands find the server at `place`. */
export function createTerminal(more: Partial<CliDeps>) {
  return async (...argv: string[]): Promise<Shown> => {
    let out = "";
    let err = "";
    const cli = createCli({
      fetch,
      findServer: () => Promise.resolve({ url: "http://127.0.0.1:9", token: TOKEN }),
      readSource: () => Promise.resolve({ files: [], notes: [] }),
      writeFolder: () => Promise.resolve({ written: 0, removed: 0 }),
      serve: () => Promise.resolve(0),
      stdout: (text) => void (out += text),
      stderr: (text) => void (err += text),
      version: "1.2.3",
      environment: "Environment:\n  PORT",
      ...more,
    });
    return { exit: await cli.run(argv), out, err };
  };
}
import { fakeOwners } from "../http/fake-yard.ts";

const botJson: BotFile = { path: "bot.json", text: '{"bb_sync_version":"1.0","name":"demo"}' };
export const folder = (...files: BotFile[]): BotFile[] => [botJson, ...files];

/** A yard with the real API over the memory store; what its runs come to is said by the test. */
export async function openYard() {
  const { catalog, now } = createYard();
  const records: RunRecord[] = [];
  const triggers: Trigger[] = [];
  let outcome: Partial<RunRecord> = {};
  const { server, drain } = createServer({
    catalog,
    run(trigger) {
      triggers.push(trigger);
      const record: RunRecord = {
        id: newId("run", now() + records.length),
        bot_id: trigger.botId,
        state: "done",
        source: trigger.source,
        command: trigger.command,
        user_id: trigger.userId ?? null,
        answer: null,
        error: null,
        effects: [],
        log: [],
        started_at: new Date(now()).toISOString(),
        duration_ms: 3.4,
        tries: 1,
        ...outcome,
      };
      records.unshift(record);
      return Promise.resolve(record);
    },
    ...createDeploy({ catalog, checkScripts: () => Promise.resolve([]) }),
    runRecord: (id) => Promise.resolve(records.find((record) => record.id === id) ?? null),
    runRecords: ({ bot, failed, limit }) =>
      Promise.resolve(
        records
          .filter((record) => (bot ?? record.bot_id) === record.bot_id && (!failed || record.state === "failed"))
          .slice(0, limit),
      ),
    linkSecret: (botId, kid) => linkSecret("s".repeat(32), botId, kid),
    makeLink: createMakeLink({
      linkKeys: (botId) => catalog.linkKeys(botId),
      linkSecret: (botId, kid) => linkSecret("s".repeat(32), botId, kid),
      publicUrl: () => "https://bots.example.org",
      now,
      nonce: () => "nonce",
    }),
    owners: fakeOwners(),
    rateLimits: NO_RATE_LIMITS,
    legacyLinks: false,
    adminTokenSha256: createHash("sha256").update(TOKEN).digest(),
    trustedProxies: [],
    publicUrl: () => "https://bots.example.org",
    ready: () => Promise.resolve(true),
    now,
    log: () => undefined,
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;

  return {
    catalog,
    triggers,
    url,
    close: drain,
    /** What runs from now on come to. */
    runsComeTo: (part: Partial<RunRecord>) => {
      outcome = part;
    },
    terminal: (more: Partial<CliDeps> = {}) =>
      createTerminal({ findServer: () => Promise.resolve({ url, token: TOKEN }), ...more }),
  };
}
