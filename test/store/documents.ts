import { DuplicateId, type Collection, type Collections, type Filter } from "../../src/store/mongo/collections.ts";

type Row = Record<string, unknown> & { _id: string };

/** Collections in memory that do at once what they are asked: the protocol without its troubles. */
export function createQuietCollections(): Collections {
  return {
    log: quietCollection(),
    state: quietCollection(),
    tasks: quietCollection(),
    runs: quietCollection(),
    heads: quietCollection(),
  };
}

function quietCollection<D extends { _id: string }>(): Collection<D> {
  const rows = new Map<string, D>();
  const matching = (filter: Filter) => [...rows.values()].filter((row) => fits(row as unknown as Row, filter));
  const insertOne = (doc: D) => {
    if (rows.has(doc._id)) throw new DuplicateId(doc._id);
    rows.set(doc._id, { ...doc });
  };
  const soon = <T>(work: () => T): Promise<T> => new Promise((done) => setImmediate(done)).then(work);
  return {
    findOne: (filter) => soon(() => matching(filter)[0] ?? null),
    find: (filter, sort = "_id") =>
      soon(() => matching(filter).sort((a, b) => compare((a as unknown as Row)[sort], (b as unknown as Row)[sort]))),
    insertOne: (doc) => soon(() => insertOne(doc)),
    insertMissing: (docs) =>
      soon(() => {
        for (const doc of docs) if (!rows.has(doc._id)) insertOne(doc);
      }),
    deleteMany: (filters) =>
      soon(() => {
        for (const filter of filters) for (const { _id } of matching(filter)) rows.delete(_id);
      }),
    raise: (id, field, to) =>
      soon(() => {
        const before = Number((rows.get(id) as unknown as Row | undefined)?.[field] ?? 0);
        rows.set(id, { _id: id, [field]: Math.max(before, to) } as unknown as D);
      }),
  };
}

function fits(row: Row, filter: Filter): boolean {
  return Object.entries(filter).every(([name, want]) => {
    const value = row[name];
    if (typeof want !== "object") return value === want;
    return Object.entries(want).every(([op, bound]) => {
      const order = compare(value, bound);
      return op === "$gt" ? order > 0 : op === "$gte" ? order >= 0 : op === "$lt" ? order < 0 : order <= 0;
    });
  });
}

/** Texts as databases order them: by their bytes in UTF-8. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
