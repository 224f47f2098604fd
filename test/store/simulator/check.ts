import type { LogDoc } from "../../../src/store/store.ts";

/** What a run saw: it goes into the run's record, and so into the log, as JSON text. */
export interface Seen {
  run: string;
  key?: string;
  /** Name → value; a prefix (ends with "/") → its rows by name. */
  reads: [string, string | null | [string, string][]][];
}
export interface Acked {
  run: string;
  key?: string;
  isReader: boolean;
  answer: Seen;
  /** Documents in the log when the call began and when it was answered. */
  from: number;
  to: number;
}
export interface Derived {
  state: Map<string, { key: string; seq: number; value: string | null }>;
  tasks: string[];
  runs: string[];
}

export interface Told {
  log: readonly LogDoc[];
  acked: readonly Acked[];
  /** Runs whose caller was told that nothing happened. */
  refused: readonly string[];
  derived: Derived;
}

/** Holds what callers were told, and what is derived, against the log. Returns one sentence for each breach. */
export function breaches({ log, acked, refused, derived }: Told): string[] {
  const found: string[] = [];
  let state = new Map<string, string>();
  const states = [state];
  const before = [0]; // entries before document n
  const runs = new Set<string>();
  const keys = new Map<string, string>();
  const tasks = new Set<string>();
  for (const doc of log) {
    for (const [e, entry] of doc.entries.entries()) {
      if (entry.hold !== undefined) continue;
      if (runs.has(entry.run)) found.push(`run ${entry.run} was committed twice`);
      runs.add(entry.run);
      const record = JSON.parse(entry.record?.text ?? "{}") as { answer?: string };
      const seen = JSON.parse(record.answer ?? '{"reads":[]}') as Seen;
      if (seen.key !== undefined) {
        if (keys.has(seen.key)) found.push(`key ${seen.key} was committed twice`);
        keys.set(seen.key, entry.run);
      }
      for (const [name, value] of seen.reads)
        if (JSON.stringify(value) !== view(state, name))
          found.push(`${entry.run} read ${name} = ${JSON.stringify(value)}, before it stood ${view(state, name)}`);
      state = new Map(state);
      for (const [key, value] of entry.writes) {
        if (value === null) state.delete(key);
        else state.set(key, value);
      }
      states.push(state);
      for (const t of entry.tasks.keys()) tasks.add(`${doc.bot}/${doc.seq}/${e}/${t}`);
    }
    before.push(states.length - 1);
  }

  for (const run of refused) if (runs.has(run)) found.push(`run ${run} was refused, and yet is committed`);
  for (const { run, key, isReader, answer, from, to } of acked) {
    if (key !== undefined) {
      if (!keys.has(key)) found.push(`the answer to key ${key} was given, yet nothing is committed`);
      else if (keys.get(key) !== answer.run) found.push(`key ${key} got another run's answer`);
    } else if (isReader) {
      const between = states.slice(before[from] ?? 0, (before[to] ?? 0) + 1);
      if (!between.some((one) => answer.reads.every(([name, value]) => JSON.stringify(value) === view(one, name))))
        found.push(`reader ${run} saw what never stood together`);
    } else if (!runs.has(run)) found.push(`run ${run} was acknowledged and is lost`);
  }

  for (const key of new Set([...state.keys(), ...derived.state.keys()]))
    if ((state.get(key) ?? null) !== (derived.state.get(key)?.value ?? null))
      found.push(
        `${key} is derived as ${derived.state.get(key)?.value ?? "nothing"}, the log says ${state.get(key) ?? "nothing"}`,
      );
  for (const task of tasks) if (!derived.tasks.includes(task)) found.push(`task ${task} is not derived`);
  for (const task of derived.tasks) if (!tasks.has(task)) found.push(`task ${task} is not in the log`);
  for (const run of derived.runs) if (!runs.has(run)) found.push(`the record of ${run} is not in the log`);
  return found;
}

function view(state: ReadonlyMap<string, string>, name: string): string {
  if (!name.endsWith("/")) return JSON.stringify(state.get(name) ?? null);
  return JSON.stringify([...state].filter(([key]) => key.startsWith(name)).sort());
}
