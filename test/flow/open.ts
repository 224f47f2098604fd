import type { BotDefinition } from "../../src/core/bot.ts";
import { newId } from "../../src/core/ids.ts";
import { type Outcome, propertyRef, type RunHost, type RunJob } from "../../src/core/outcome.ts";
import type { RunRecord } from "../../src/core/run-record.ts";
import type { Trigger } from "../../src/core/trigger.ts";
import { createFlow } from "../../src/flow.ts";
import { createHabits } from "../../src/habits.ts";
import { createLanes } from "../../src/lanes.ts";
import { resolveCommand } from "../../src/resolve/resolve.ts";
import { code, command, createYard } from "../catalog/yard.ts";

/** A script of a test: what it asks the host, and what it comes to. */
export type Script = (host: RunHost, job: RunJob) => Promise<Partial<Outcome>>;

export const outcomeOf = (more: Partial<Outcome> = {}): Outcome => ({
  error: null,
  answer: null,
  effects: [],
  writes: new Map(),
  log: [],
  touched: new Set(),
  ...more,
});
export const failure = (message = "no"): Partial<Outcome> => ({
  error: { code: "script_failed", message, command: "/start", file: "commands/start.js", line: 1, column: 1 },
});

/** Reads a property as the sandbox does: what was read ahead is not asked for again, but told as touched. */
export async function readAs(host: RunHost, job: RunJob, owner: number | null, name: string) {
  const ahead = await job.prefetch();
  const ref = propertyRef(owner, name);
  const known = ahead.get(ref);
  const text = known === undefined ? await host.property(owner, name) : known;
  return {
    value: text === null ? 0 : Number(JSON.parse(text).v),
    touched: new Set(known === undefined ? [] : [ref]),
    ahead: known !== undefined,
  };
}
export const integer = (v: number): string => JSON.stringify({ v, t: "integer" });

/** The flow over the memory store, with scripts that are functions of the test; by the command's name. */
export async function openFlow(scripts: Record<string, Script>) {
  const yard = createYard();
  const { catalog, ledger, definitions } = yard;
  const lines: Record<string, unknown>[] = [];
  const flow = createFlow({
    ledger,
    loadBot: (tx, botId) => definitions.load(tx, botId),
    find: (bot: BotDefinition, text) => Promise.resolve(resolveCommand(bot, text, [])),
    runScript: async (job, host) => {
      const name = job.resolved.kind === "command" ? job.resolved.command.name : job.resolved.name;
      return outcomeOf(await scripts[name]?.(host, job));
    },
    makeLink: (botId, request) => Promise.resolve(`link of bot ${botId} to ${request.command}`),
    lanes: createLanes(),
    habits: createHabits(),
    newRunId: () => newId("run"),
    now: () => Date.parse("2026-01-01T00:00:00Z"),
    elapsed: () => performance.now(),
    log: (line) => lines.push(line),
  });
  const bot = await catalog.storeBot(code(Object.keys(scripts).map((name) => command(name, "// a script"))));
  const run = (more: Partial<Trigger> = {}): Promise<RunRecord> =>
    flow({ botId: bot.id, source: "api", command: "/start", content: "", options: null, ...more });
  const value = async (name: string, owner: number | null = null): Promise<unknown> =>
    (await catalog.property(bot.id, owner, name))?.value;
  const records = (): Promise<RunRecord[]> => ledger.runRecords({ bot: bot.id, limit: 1_000 });
  return { ...yard, bot, run, value, records, lines };
}

/** A promise that the test resolves. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: () => resolve() };
}
