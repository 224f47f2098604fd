import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Code } from "./schedule.ts";

const SRC = fileURLToPath(new URL("../../../src", import.meta.url));

/** A rule of the protocol, broken by changing one place of the source. */
export interface Mutant {
  name: string;
  file: string;
  from: string;
  to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "what others committed is not held against the reads of those who wait",
    file: "store/pipeline/bot-log.ts",
    from: "if (!hasRead(waiting.open, news)) {",
    to: "if (waiting) {",
  },
  {
    name: "a list is no read",
    file: "store/pipeline/tx.ts",
    from: "remember(prefixes, prefix, at);",
    to: "",
  },
  {
    name: "a missing name is no read",
    file: "store/pipeline/tx.ts",
    from: "      remember(keys, key, at);\n      return",
    to: "      if ((values[0] ?? null) !== null) remember(keys, key, at);\n      return",
  },
  {
    name: "a node does not look above what it inserted",
    file: "store/mongo/log-documents.ts",
    from: "looksUpward = true",
    to: "looksUpward = false",
  },
  {
    name: "a document that is there is always taken for another's",
    file: "store/mongo/log-documents.ts",
    from: "if (there) return there.id === row.id;",
    to: "if (there) return false;",
  },
  {
    name: "a database that goes away after the insert counts as one that refused it",
    file: "store/mongo/log-documents.ts",
    from: 'await tail(doc.bot, doc, "commit_unknown");',
    to: "await tail(doc.bot, doc);",
  },
  {
    name: "a prefetched name counts from its touch on",
    file: "store/pipeline/tx.ts",
    from: "if (at !== undefined) remember(keys, key, at);",
    to: "if (at !== undefined) remember(keys, key, Infinity);",
  },
  {
    name: "tombstones are removed at once",
    file: "store/mongo/derive.ts",
    from: "    await retry(() => heads.raise(",
    to: `    const gone = newest.filter(({ value }) => value === null);
    await retry(() => state.deleteMany(gone.map(({ key, seq }) => ({ bot, key, seq: { $lte: seq } }))));
    await retry(() => heads.raise(`,
  },
  {
    name: "the hint goes up before the documents are there",
    file: "store/mongo/derive.ts",
    from: "    await Promise.all([\n      retry(() => state.insertMissing",
    to: `    await retry(() => heads.raise(String(bot), "applied", docs.at(-1)?.seq ?? 0));
    await Promise.all([\n      retry(() => state.insertMissing`,
  },
  {
    name: "reads see only what is derived",
    file: "store/pipeline/view.ts",
    from: "const seen = pending.get(key) ?? recent.get(key);",
    to: "const seen = undefined;",
  },
  {
    name: "the log is collected without regard to what is derived",
    file: "store/mongo/log-documents.ts",
    from: 'await retry(() => log.find({ bot, seq: { $lte: applied - keep } }, "seq"));',
    to: '(await retry(() => log.find({ bot }, "seq"))).slice(0, -keep);',
  },
  {
    name: "an idempotency key is no read",
    file: "store/pipeline/ledger.ts",
    from: "name === undefined ? null : await tx.get(name);",
    to: "name === undefined ? null : ((await tx.prefetch([name])).get(name) ?? null);",
  },
  {
    name: "a failure is believed at once",
    file: "store/pipeline/ledger.ts",
    from: 'if ((await log.commit(open, "")) === "stale") return undefined;',
    to: "",
  },
];

/** The code with one rule broken, from a copy of the sources. */
export async function breakRule(mutant: Mutant): Promise<Code> {
  const copy = mkdtempSync(join(tmpdir(), "botyard-mutant-"));
  try {
    return await loadBroken(copy, mutant);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

async function loadBroken(copy: string, { name, file, from, to }: Mutant): Promise<Code> {
  for (const part of ["core", "store"]) cpSync(join(SRC, part), join(copy, part), { recursive: true });
  const path = join(copy, file);
  const source = readFileSync(path, "utf8");
  if (source.split(from).length !== 2) throw new Error(`the place of "${name}" is not found once in ${file}`);
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  const load = (part: string): Promise<Partial<Code>> =>
    import(/* @vite-ignore */ pathToFileURL(join(copy, part)).href) as Promise<Partial<Code>>;
  const ledger = await load("store/pipeline/ledger.ts");
  const store = await load("store/mongo/document-store.ts");
  if (!ledger.createLedger || !store.createDocumentStore) throw new Error("the copy lacks its exports");
  return { createLedger: ledger.createLedger, createDocumentStore: store.createDocumentStore };
}
