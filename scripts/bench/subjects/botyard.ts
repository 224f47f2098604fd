// The product as `serve` puts it together, its log included (to where standard output goes: nowhere), with the store that
// the first argument names, memory or sqlite; sqlite in the folder that the second one names.
import { availableParallelism } from "node:os";
import { DEFAULT_RUN_LIMITS } from "../../../src/core/limits.ts";
import { createLog } from "../../../src/log.ts";
import { createMemoryStore } from "../../../src/store/memory.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { openYard } from "../../../src/yard.ts";
import { BOTS, COMMAND, eachUser, FIRST_NAME, FIRST_VALUES, SCRIPT } from "../job.ts";
import { answerBench, listen } from "./answer-bench.ts";

const BUSY_MS = 3_000;
const BUSY_SCRIPT = `const until = Date.now() + ${BUSY_MS};\nwhile (Date.now() < until);`;
const FILES = [
  { path: "bot.json", text: '{"bb_sync_version":"1.0","name":"bench","git_remote":null,"csv_url":null}' },
  { path: "commands/start.js", text: `/*CMD\n  command: ${COMMAND}\nCMD*/\n${SCRIPT}` },
  { path: "commands/busy.js", text: `/*CMD\n  command: /busy\nCMD*/\n${BUSY_SCRIPT}` },
];

const [, , kind, dataDir = ""] = process.argv;
const logger = createLog("info");
const yard = await openYard({
  store: kind === "memory" ? createMemoryStore() : createSqliteStore({ dataDir, now: () => Date.now() }),
  secretKey: "a-secret-key-of-more-than-32-characters",
  adminToken: "an-admin-token-for-the-bench",
  trustedProxies: [],
  limits: DEFAULT_RUN_LIMITS,
  processes: availableParallelism(),
  pauseMs: 0, // the bench kills children, and means no bot
  log: (line) => {
    logger.info(line);
  },
});
const base = await listen(yard.server);

const bots: number[] = [];
for (let i = 0; i < BOTS; i++) bots.push((await yard.importBot(FILES)).bot.id);
const pathOf = async (botId: number, userId: number, command: string): Promise<string> =>
  (await yard.makeLink(botId, { command, userId })).slice(base.length);
const paths: string[] = [];
let busyPath: string | undefined;
for (const botId of eachUser((bot) => bots[bot - 1] ?? 0)) {
  const { user } = await yard.catalog.addUser(botId, { first_name: FIRST_NAME });
  for (const [name, value] of Object.entries(FIRST_VALUES)) await yard.catalog.setProperty(botId, user.id, name, value);
  paths.push(await pathOf(botId, user.id, COMMAND));
  busyPath ??= await pathOf(botId, user.id, "/busy");
}
answerBench(
  { base, paths, busyPath },
  {
    pids: () => yard.childPids(),
    stop: async () => {
      await yard.drain();
      await yard.close();
    },
  },
);
