import { DuplicateId, type Collection, type Collections, type Filter } from "../../../src/store/mongo/collections.ts";

/** Chance from a seed: the same schedule every time. In [0, 1). @see mulberry32 */
export function chance(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface SimNode {
  name: string;
  frozen: boolean;
  dead: boolean;
}
type Row = Record<string, unknown> & { _id: string };
interface Op {
  node: SimNode;
  phase: "sent" | "running" | "done";
  work: () => Generator<void, unknown>;
  running?: Generator<void, unknown>;
  outcome?: { value: unknown } | { error: unknown };
  /** The sender gave up; what it asked for still happens. */
  deaf: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}
type CollectionName = keyof Collections;

const NEVER_SENT = 0.02;
const ARRIVES_LATE = 0.01;
const REPLY_LOST = 0.02;
const STEP_MS = 0.5;

/**
 * A database server as weak as the protocol allows, and the network to it: inserts are atomic, finds and deletes walk
 * document by document while others write, raising a number is a read and a write. Requests and replies get lost, and a
 * request may arrive after its sender gave up; until `awayUntil` all of them get lost. One `step` is one thing that happens; which one is left to chance.
 */
export function createWeakServer(random: () => number) {
  const rows: Record<CollectionName, Map<string, Row>> = {
    log: new Map(),
    state: new Map(),
    tasks: new Map(),
    runs: new Map(),
    heads: new Map(),
  };
  let ops: Op[] = [];
  let timers: { node: SimNode; at: number; resolve: () => void }[] = [];
  const world = {
    time: 0,
    calm: false,
    awayUntil: 0,
    counts: { lost: 0, late: 0 },
    onLog: (_row: Row): void => undefined,
  };

  const fits = (row: Row, filter: Filter): boolean =>
    Object.entries(filter).every(([name, want]) => {
      const value = row[name] as string | number;
      if (typeof want !== "object") return value === want;
      return Object.entries(want).every(([op, bound]) =>
        op === "$gt" ? value > bound : op === "$gte" ? value >= bound : op === "$lt" ? value < bound : value <= bound,
      );
    });
  const orderOf = (name: CollectionName): string[] => (name === "state" ? ["key", "seq", "_id"] : ["seq", "_id"]);
  const compare = (names: string[], a: Row, b: Row): number => {
    for (const name of names) {
      const [x, y] = [a[name] as string | number, b[name] as string | number];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  };
  const candidates = (name: CollectionName, { _id: id }: Filter): Iterable<Row> => {
    if (typeof id !== "string") return rows[name].values();
    const row = rows[name].get(id);
    return row ? [row] : [];
  };
  const matching = (name: CollectionName, filter: Filter): Row[] =>
    [...candidates(name, filter)].filter((row) => fits(row, filter)).sort((a, b) => compare(orderOf(name), a, b));

  function insert(name: CollectionName, row: Row): void {
    if (rows[name].has(row._id)) throw new DuplicateId(row._id);
    rows[name].set(row._id, structuredClone(row));
    if (name === "log") world.onLog(structuredClone(row));
  }
  function* walk(name: CollectionName, filter: Filter): Generator<void, Row[]> {
    const found: Row[] = [];
    let ahead = matching(name, filter);
    for (let next = ahead.shift(); next; next = ahead.shift()) {
      found.push({ ...next });
      if (random() >= 0.2) continue;
      yield; // others write now: what is ahead may have changed
      const last = next;
      ahead = matching(name, filter).filter((row) => compare(orderOf(name), last, row) < 0);
    }
    return found;
  }
  function* insertMissing(name: CollectionName, list: readonly Row[]): Generator<void, void> {
    for (const row of list) {
      if (!rows[name].has(row._id)) insert(name, row);
      if (random() < 0.3) yield;
    }
  }
  function* deleteMany(name: CollectionName, filters: readonly Filter[]): Generator<void, void> {
    for (const filter of filters) {
      const ids = matching(name, filter).map(({ _id }) => _id);
      yield;
      for (const id of ids) rows[name].delete(id);
    }
  }
  function* raise(name: CollectionName, id: string, field: string, to: number): Generator<void, void> {
    const found = rows[name].get(id);
    yield; // as a server does it that has no atomic update: what was read is written back
    const before = (found?.[field] as number | undefined) ?? 0;
    rows[name].set(id, { _id: id, [field]: Math.max(before, to) });
  }

  const ask = (node: SimNode, work: Op["work"]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      ops.push({ node, work, phase: "sent", deaf: false, resolve, reject });
    });

  function collection<D extends { _id: string }>(node: SimNode, name: CollectionName): Collection<D> {
    const send = <T>(work: Op["work"]): Promise<T> => ask(node, work) as Promise<T>;
    const copy = <T>(value: T): T => structuredClone(value);
    return {
      findOne: (filter) =>
        send<D | null>(function* () {
          yield;
          return copy(matching(name, filter)[0] ?? null);
        }),
      find: (filter) => send<D[]>(() => walk(name, filter)),
      insertOne: (doc) =>
        send<void>(function* () {
          yield;
          insert(name, doc as unknown as Row);
        }),
      insertMissing: (docs) => send<void>(() => insertMissing(name, docs as unknown as Row[])),
      deleteMany: (filters) => send<void>(() => deleteMany(name, filters)),
      raise: (id, field, to) => send<void>(() => raise(name, id, field, to)),
    };
  }

  function advance(op: Op): void {
    const faults = !world.calm;
    const isAway = faults && world.time < world.awayUntil;
    const gone = (): void => {
      ops = ops.filter((one) => one !== op);
    };
    if (op.phase === "sent") {
      if (isAway || (faults && random() < NEVER_SENT)) {
        gone();
        world.counts.lost++;
        op.reject(new Error("connection closed"));
        return;
      }
      op.phase = "running";
      op.running = op.work();
      if (faults && random() < ARRIVES_LATE) {
        world.counts.late++;
        op.deaf = true;
        op.reject(new Error("connection closed"));
      }
    } else if (op.phase === "running") {
      try {
        const next = op.running?.next();
        if (!next?.done) return;
        op.outcome = { value: next.value };
      } catch (error) {
        op.outcome = { error };
      }
      op.phase = "done";
      if (op.deaf) gone();
    } else {
      gone();
      if (isAway || (faults && random() < REPLY_LOST)) {
        world.counts.lost++;
        op.reject(new Error("connection closed"));
      } else if (op.outcome && "error" in op.outcome) op.reject(op.outcome.error);
      else op.resolve(op.outcome?.value);
    }
  }

  return {
    world,
    rows,
    collections: (node: SimNode): Collections => ({
      log: collection(node, "log"),
      state: collection(node, "state"),
      tasks: collection(node, "tasks"),
      runs: collection(node, "runs"),
      heads: collection(node, "heads"),
    }),
    sleep: (node: SimNode, ms: number): Promise<void> =>
      new Promise((resolve) => {
        timers.push({ node, at: world.time + ms, resolve });
      }),
    /** The node is gone; what it has on the way still arrives. */
    crash(node: SimNode): void {
      node.dead = true;
      ops = ops.filter((op) => op.node !== node || op.phase === "running");
      for (const op of ops) if (op.node === node) op.deaf = true;
      timers = timers.filter((timer) => timer.node !== node);
    },
    /** @returns false when nothing can happen any more */
    step(): boolean {
      world.time += STEP_MS;
      const awake = ({ node }: { node: SimNode }): boolean => !node.frozen && !node.dead;
      const able = ops.filter((op) => op.phase === "running" || awake(op));
      const due = timers.filter((timer) => timer.at <= world.time && awake(timer));
      if (able.length + due.length === 0) {
        const next = timers.filter(awake).map(({ at }) => at);
        if (next.length === 0) return false;
        world.time = Math.min(...next);
        return true;
      }
      const pick = Math.floor(random() * (able.length + due.length));
      const op = able[pick];
      const timer = due[pick - able.length];
      if (op) advance(op);
      else if (timer) {
        timers = timers.filter((one) => one !== timer);
        timer.resolve();
      }
      return true;
    },
  };
}
