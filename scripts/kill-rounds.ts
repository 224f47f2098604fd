// Kills the server under load, again and again, and compares what callers were told with what the store holds.
//
//   node --no-node-snapshot scripts/kill-rounds.ts [--rounds 50] [--dir FOLDER]
//
// A round: start the server, call one script from eight callers, kill -9 at a random moment (5 s at most). The script
// counts in one property and notes under each call's own id which count it got. After the next start, without help:
// every acknowledged call is there with the count that its answer named, no call was applied twice, no count was given
// twice. With --dir a run that was broken off goes on where it was. Exit code 0: all of it held.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { adminToken, callApi, type ServerProcess, startServer } from "./server-process.ts";

const CALLERS = 8;
const MIN_LOAD_MS = 50;
const MAX_LOAD_MS = 1_500;

const SCRIPT = `const n = Bot.getProperty('n', 0) + 1;
Bot.setProperty('n', n, 'integer');
Bot.setProperty('call ' + content, n, 'integer');
Bot.sendMessage(n);`;
const BOT = [
  { path: "bot.json", text: '{"bb_sync_version":"1.0","name":"killed","git_remote":null,"csv_url":null}' },
  { path: "commands/count.js", text: `/*CMD\n  command: /count\nCMD*/\n${SCRIPT}` },
];

const ackSchema = z.object({ call: z.string(), n: z.number() });
type Ack = z.infer<typeof ackSchema>;
const propertiesSchema = z.object({ properties: z.array(z.object({ name: z.string(), value: z.unknown() })) });

export interface KillReport {
  rounds: number;
  acknowledged: number;
  committed: number;
  /** Acknowledged calls that are not there, or with another count. */
  lost: number;
  /** Counts beyond the calls that were noted: a call that was applied more than once. */
  twice: number;
  failedStarts: number;
}

export interface KillOptions {
  dir: string;
  rounds: number;
  /** In [0, 1): chooses the moments. */
  random: () => number;
  tell?: (line: string) => void;
}

/** Plays the rounds that the folder's journal does not have yet, and reports on all of it. */
export async function killRounds({ dir, rounds, random, tell = () => undefined }: KillOptions): Promise<KillReport> {
  const dataDir = join(dir, "data");
  const journal = join(dir, "acknowledged.jsonl");
  const progress = join(dir, "rounds.txt");
  mkdirSync(dir, { recursive: true });
  let played = existsSync(progress) ? readFileSync(progress, "utf8").length : 0;
  let failedStarts = 0;
  let link = "";
  while (played < rounds) {
    const server = await startServer(dataDir);
    if (!server.listens) {
      failedStarts++;
      tell(`the server did not start: ${server.said()}`);
      server.process.kill("SIGKILL");
      break;
    }
    const token = adminToken(dataDir);
    link = await linkOf(server, token);
    const acks = await loadThenKill(server, { link, ms: MIN_LOAD_MS + random() * (MAX_LOAD_MS - MIN_LOAD_MS) });
    appendFileSync(journal, acks.map((ack) => `${JSON.stringify(ack)}\n`).join(""));
    appendFileSync(progress, ".");
    played++;
    tell(`round ${played} of ${rounds}: ${acks.length} acknowledged`);
  }
  const acks = existsSync(journal) ? readAcks(journal) : [];
  const held = await readHeld(dataDir);
  const lost = acks.filter(({ call, n }) => held.calls.get(`call ${call}`) !== n).length;
  const doubled = held.calls.size - new Set(held.calls.values()).size;
  return {
    rounds: played,
    acknowledged: acks.length,
    committed: held.calls.size,
    lost,
    twice: held.n - held.calls.size + doubled,
    failedStarts,
  };
}

/** The bot of the rounds is made in the first one; later rounds find it. */
async function linkOf(server: ServerProcess, token: string): Promise<string> {
  const botSchema = z.object({ id: z.number(), name: z.string() });
  const { bots } = z.object({ bots: z.array(botSchema) }).parse(await callApi(server, { token, path: "/bots" }));
  let bot = bots.find(({ name }) => name === "killed");
  if (!bot) {
    const made = await callApi(server, { token, method: "POST", path: "/bots", body: { files: BOT } });
    bot = z.object({ bot: botSchema }).parse(made).bot;
  }
  const body = { command: "/count" };
  const made = await callApi(server, { token, method: "POST", path: `/bots/${bot.id}/links`, body });
  return z.object({ url: z.string() }).parse(made).url;
}

async function loadThenKill(server: ServerProcess, { link, ms }: { link: string; ms: number }): Promise<Ack[]> {
  const acks: Ack[] = [];
  let over = false;
  const caller = async (): Promise<void> => {
    while (!over) {
      const call = crypto.randomUUID();
      try {
        const answer = await fetch(link, { method: "POST", body: call });
        const { answer: n } = z.object({ answer: z.string() }).parse(await answer.json());
        acks.push({ call, n: Number(n) });
      } catch {
        // Cut off, or answered 503: nobody was told that it is done.
      }
    }
  };
  const callers = Array.from({ length: CALLERS }, caller);
  await new Promise((done) => setTimeout(done, ms));
  server.process.kill("SIGKILL");
  over = true;
  await Promise.all(callers);
  await server.ended;
  return acks;
}

function readAcks(journal: string): Ack[] {
  const lines = readFileSync(journal, "utf8").trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => ackSchema.parse(JSON.parse(line)));
}

async function readHeld(dataDir: string): Promise<{ n: number; calls: Map<string, number> }> {
  const server = await startServer(dataDir);
  try {
    const token = adminToken(dataDir);
    const { bots } = z
      .object({ bots: z.array(z.object({ id: z.number(), name: z.string() })) })
      .parse(await callApi(server, { token, path: "/bots" }));
    const id = bots.find(({ name }) => name === "killed")?.id ?? 0;
    const { properties } = propertiesSchema.parse(await callApi(server, { token, path: `/bots/${id}/properties` }));
    const values = new Map(properties.map(({ name, value }) => [name, Number(value)]));
    const n = values.get("n") ?? 0;
    values.delete("n");
    return { n, calls: values };
  } finally {
    server.process.kill("SIGTERM");
    await server.ended;
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "50" }, dir: { type: "string" } } });
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), "botyard-kill-"));
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const report = await killRounds({ dir, rounds: Number(values.rounds), random: Math.random, tell });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
  process.exitCode = report.lost + report.twice + report.failedStarts === 0 ? 0 : 1;
}
