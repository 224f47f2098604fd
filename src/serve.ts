import type { Server } from "node:http";
import { flushCompileCache } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readFolder } from "./bot-files/read-folder.ts";
import type { Config } from "./config.ts";
import { AppError } from "./core/errors.ts";
import { DEFAULT_RUN_LIMITS } from "./core/limits.ts";
import { createLog } from "./log.ts";
import { readSecrets, type Secrets } from "./secrets.ts";
import { createSqliteStore } from "./store/sqlite/sqlite-store.ts";
import { openYard, type Yard } from "./yard.ts";

/** What runs when the stop signal comes may take so long; then it is cut off. */
const DRAIN_MS = 10_000;
/** Calls a minute with a wrong token, or of links with a wrong signature, from one address. */
const WRONG_CALLS = 60;
/** Connections that may wait to be accepted: a thousand callers at one moment are no attack. */
const BACKLOG = 2_048;
const DEMO = fileURLToPath(new URL("../sandbox/templates/demo", import.meta.url));

/**
 * Runs the server until a signal ends it.
 *
 * @returns the exit code
 */
export async function serve(config: Config, say: (line: string) => void): Promise<number> {
  const logger = createLog(config.LOG_LEVEL);
  const log = ({ level, ...line }: Record<string, unknown>): void => {
    if (level === "error" || level === "warn" || level === "debug") logger[level](line);
    else logger.info(line);
  };
  let yard: Yard;
  let secrets: Secrets;
  try {
    secrets = await readSecrets({
      dataDir: config.DATA_DIR,
      secretKey: config.SECRET_KEY,
      adminToken: config.ADMIN_TOKEN,
    });
    yard = await openYard({
      store: createSqliteStore({ dataDir: config.DATA_DIR, now: () => Date.now() }),
      secretKey: secrets.secretKey,
      adminToken: secrets.adminToken,
      ...(config.PUBLIC_URL !== undefined && { publicUrl: config.PUBLIC_URL }),
      trustedProxies: config.TRUSTED_PROXIES,
      limits: {
        ...DEFAULT_RUN_LIMITS,
        runTimeoutMs: config.RUN_TIMEOUT_MS,
        processMemoryMb: config.RUN_MEMORY_MB,
      },
      processes: config.SANDBOX_PROCESSES,
      pauseMs: config.SANDBOX_PAUSE_MS,
      legacyLinks: config.LEGACY_LINKS === "on",
      rateLimits: { api: config.RATE_LIMIT_API, links: config.RATE_LIMIT_LINKS, wrong: WRONG_CALLS },
      log,
    });
  } catch (error) {
    say(`Botyard did not start: ${sentenceOf(error)}`);
    return 1;
  }
  try {
    await listen(yard.server, config);
    say(await greet(yard, { config, secrets }));
    flushCompileCache(); // now: a server that is killed would leave nothing for its next start
  } catch (error) {
    say(`Botyard did not start: ${sentenceOf(error)}`);
    await yard.close();
    return 1;
  }
  await stopSignal();
  say("Stopping: no new calls, what runs is finished. A second signal ends at once.");
  process.once("SIGTERM", endAtOnce).once("SIGINT", endAtOnce);
  const late = new Promise<void>((done) => setTimeout(done, DRAIN_MS).unref());
  await Promise.race([yard.drain(), late]);
  await yard.close();
  return 0;
}

function listen(server: Server, { HOST, PORT }: Config): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? `port ${PORT} on ${HOST} is taken by another program: stop it, or set PORT to a free one.`
          : `cannot listen on ${HOST}:${PORT} (${error.code ?? error.message}): check HOST and PORT.`;
      fail(new AppError("internal_error", why, { cause: error }));
    });
    server.listen({ port: PORT, host: HOST, backlog: BACKLOG }, done);
  });
}

interface Greeting {
  config: Config;
  secrets: Secrets;
}

/** Where the server is; at first contact also a demo bot with a user, and a link that runs it. */
async function greet(yard: Yard, { config, secrets }: Greeting): Promise<string> {
  const lines = [`Botyard listens on ${yard.publicUrl()}. Its data lies in ${resolve(config.DATA_DIR)}.`];
  if (secrets.adminTokenFile !== undefined) lines.push(`The admin token lies in ${resolve(secrets.adminTokenFile)}.`);
  if (await yard.isNew()) {
    const { bot } = await yard.importBot((await readFolder(DEMO)).files);
    const { user } = await yard.catalog.addUser(bot.id, { first_name: "Ada" });
    const link = await yard.makeLink(bot.id, { command: "/hello", userId: user.id });
    lines.push(
      "",
      `A demo bot (${bot.name}, bot ${bot.id}) with a user is here. Open this link; each call runs its script /hello:`,
      `  ${link}`,
      "The same by POST, with a body that the script reads:",
      `  curl -d 'a first order' '${link}'`,
      "",
    );
  }
  return lines.join("\n");
}

function stopSignal(): Promise<void> {
  return new Promise((done) => {
    const stop = (): void => {
      process.off("SIGTERM", stop).off("SIGINT", stop);
      done();
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
  });
}

function endAtOnce(): never {
  process.exit(1);
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
