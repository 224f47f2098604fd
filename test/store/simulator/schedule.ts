import type { Tx } from "../../../src/core/ledger.ts";
import type { createLedger, StoreLedger } from "../../../src/store/pipeline/ledger.ts";
import type { createDocumentStore, DocumentStore } from "../../../src/store/mongo/document-store.ts";
import type { Backend, LogDoc, LogEntry } from "../../../src/store/store.ts";
import { recordOf } from "../harness.ts";
import { type Acked, breaches, type Seen } from "./check.ts";
import { chance, createWeakServer, type SimNode } from "./weak-server.ts";

/** The code under test: the real one, or a copy with one line broken. */
export interface Code {
  createLedger: typeof createLedger;
  createDocumentStore: typeof createDocumentStore;
}
export interface Played {
  /** One sentence for each promise that did not hold. */
  bad: string[];
  acknowledged: number;
  committed: number;
  crashes: number;
}

const BOT = 1;
const STEPS = 2_500;
const RUNS = 60;
const START = 0.05;
const CRASH = 0.004;
const FREEZE = 0.01;
const COLLECT = 0.02;
const AWAY = 0.0005;
const AWAY_MS = 1_000; // longer than a node insists, at times
const THINK_MS = 6;
const KINDS = ["add", "guess", "move", "skew", "flip", "crowd", "crowd", "look", "audit", "keyed", "keyed"] as const;

interface Member extends SimNode {
  ledger: StoreLedger;
  store: DocumentStore;
  thawAt: number;
}

/**
 * Plays one schedule: three nodes, sixty runs, crashes, freezes, lost replies and late requests as the seed has it; then
 * lets everything come to rest, opens a fresh node, and holds what was told against the log.
 */
export async function playSchedule(seed: number, code: Code): Promise<Played> {
  const random = chance(seed);
  const server = createWeakServer(random);
  const { world } = server;
  const log: LogDoc[] = [];
  const acked: Acked[] = [];
  const refused: string[] = []; // runs whose caller was told that nothing happened
  const bad: string[] = [];
  let ids = 0;
  let crashes = 0;
  world.onLog = (row) => {
    const doc = { ...row, entries: JSON.parse(row["entries"] as string) as LogEntry[] } as unknown as LogDoc;
    if (doc.seq === log.length + 1) {
      if (doc.prev !== (log.at(-1)?.id ?? "")) bad.push(`document ${doc.seq} stands on one that is not in the log`);
      log.push(doc);
    } else if (doc.seq > log.length + 1) bad.push(`document ${doc.seq} after ${log.length}`);
  };
  const keep = 1 + Math.floor(random() * 4);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

  function boot(name: string): Member {
    const node = { name, frozen: false, dead: false, thawAt: 0 } as Member;
    const sleep = (ms: number): Promise<void> => server.sleep(node, ms);
    node.store = code.createDocumentStore({ collections: server.collections(node), keep, sleep });
    const rest = { runRecords: () => Promise.resolve([]), forget: () => Promise.resolve() };
    const backend: Backend = { ...node.store, ...rest, ping: () => Promise.resolve(), close: () => Promise.resolve() };
    node.ledger = code.createLedger({
      store: backend,
      now: () => world.time,
      newId: (kind) => `${kind}_${++ids}`,
      sleep,
      defer: (work) => {
        queueMicrotask(work);
      },
    });
    return node;
  }

  async function work(kind: (typeof KINDS)[number], tx: Tx, think: () => Promise<void>): Promise<Seen["reads"]> {
    const reads: Seen["reads"] = [];
    const get = async (name: string): Promise<string | null> => {
      const value = await tx.get(name);
      reads.push([name, value]);
      return value;
    };
    const list = async (prefix: string): Promise<Map<string, string>> => {
      const rows = await tx.list(prefix);
      reads.push([prefix, [...rows].sort()]);
      return rows;
    };
    const number = async (name: string, missing: number): Promise<number> => Number((await get(name)) ?? missing);
    if (kind === "guess") {
      const value = (await tx.prefetch(["p/m", "p/x"])).get("p/x") ?? null;
      await think();
      tx.touch("p/x");
      reads.push(["p/x", value]);
      tx.set("p/x", String(Number(value) + 1));
    } else if (kind === "add" || kind === "keyed") {
      const value = await number("p/x", 0);
      await think();
      tx.set("p/x", String(value + 1));
    } else if (kind === "move") {
      const [from, to] = random() < 0.5 ? ["p/a", "p/b"] : ["p/b", "p/a"];
      const values = [await number(from, 50), await number(to, 50)] as const;
      await think();
      tx.set(from, String(values[0] - 1));
      tx.set(to, String(values[1] + 1));
    } else if (kind === "skew") {
      const sum = (await number("p/s1", 1)) + (await number("p/s2", 1));
      await think();
      tx.set(random() < 0.5 ? "p/s1" : "p/s2", sum > 1 ? "0" : "1");
    } else if (kind === "flip") {
      const value = await get("p/m");
      await think();
      tx.set("p/m", value === null ? "1" : null);
    } else if (kind === "crowd") {
      const rows = await list("q/");
      await think();
      if (rows.size < 3) tx.set(`q/${Math.floor(random() * 6)}`, `v${++ids}`);
      else tx.set(pick([...rows.keys()]), null);
    } else if (kind === "audit") {
      const a = await number("p/a", 50);
      await think();
      const b = await number("p/b", 50);
      if (a + b !== 100) throw new Error(`audit: ${a} and ${b}`); // a state that never stood
    } else {
      await get("p/x");
      await list("q/");
      await think();
      for (const name of ["p/m", "p/a", "p/b"]) await get(name);
    }
    return reads;
  }

  async function start(node: Member): Promise<void> {
    const kind = pick(KINDS);
    const key = kind === "keyed" ? `k${Math.floor(random() * 6)}` : undefined;
    const run = `run_${++ids}`;
    const from = log.length;
    const isReader = kind === "look" || kind === "audit";
    const think = (): Promise<void> => server.sleep(node, random() * THINK_MS);
    try {
      const answer = await node.ledger.run(
        BOT,
        async (tx) => {
          const seen: Seen = { run, reads: await work(kind, tx, think), ...(key !== undefined && { key }) };
          if (isReader) return { answer: seen };
          tx.task(JSON.stringify({ to: run }));
          return { answer: seen, record: recordOf(run, { answer: JSON.stringify(seen) }) };
        },
        { run, ...(key !== undefined && { key }) },
      );
      if (!node.dead) acked.push({ run, isReader, answer, from, to: log.length, ...(key !== undefined && { key }) });
    } catch (error) {
      if (node.dead) return;
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "storage_unavailable" || code === "run_conflict") refused.push(run);
      else if (code !== "commit_unknown") bad.push(`a run threw ${String(error)}`);
    }
  }

  const breathe = (): Promise<void> => new Promise((done) => setImmediate(done));
  const nodes = ["A", "B", "C"].map(boot);
  let started = 0;
  for (let step = 0; step < STEPS && bad.length === 0; step++) {
    if (started < RUNS && random() < START) {
      const node = pick(nodes);
      for (let n = random() < 0.3 ? 2 : 1; n > 0 && !node.frozen; n--, started++) void start(node);
    }
    if (random() < CRASH) {
      const at = Math.floor(random() * nodes.length);
      const node = nodes[at];
      if (node) {
        crashes++;
        server.crash(node);
        nodes[at] = boot(node.name);
      }
    }
    if (random() < FREEZE) {
      const node = pick(nodes);
      if (!node.frozen) {
        node.frozen = true;
        node.thawAt = step + random() * (random() < 0.3 ? 1_500 : 200);
      }
    }
    if (random() < AWAY) world.awayUntil = world.time + random() * AWAY_MS;
    for (const node of nodes) if (node.frozen && step > node.thawAt) node.frozen = false;
    if (random() < COLLECT) {
      const node = pick(nodes);
      if (!node.frozen) node.store.collect(BOT).catch(() => undefined);
    }
    server.step();
    await breathe();
  }

  world.calm = true;
  for (const node of nodes) node.frozen = false;
  for (let i = 0; i < 30_000 && server.step(); i++) await breathe();
  const fresh = boot("Z");
  let opened = false;
  void fresh.ledger
    .run(BOT, async (tx) => ({ answer: await tx.get("p/x") }))
    .then(
      () => (opened = true),
      (error: unknown) => bad.push(`the fresh node failed: ${String(error)}`),
    );
  for (let i = 0; i < 5_000 && server.step(); i++) await breathe();
  if (!opened) bad.push("the fresh node could not read");

  const state = new Map<string, { key: string; seq: number; value: string | null }>();
  for (const row of server.rows.state.values()) {
    const version = row as unknown as { key: string; seq: number; value: string | null };
    if ((state.get(version.key)?.seq ?? 0) <= version.seq) state.set(version.key, version);
  }
  const derived = { state, tasks: [...server.rows.tasks.keys()], runs: [...server.rows.runs.keys()] };
  bad.push(...breaches({ log, acked, refused, derived }));
  return { bad, acknowledged: acked.length, committed: log.length, crashes };
}
