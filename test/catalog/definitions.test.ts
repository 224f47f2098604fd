import { expect, test } from "vitest";
import { createDefinitions } from "../../src/catalog/definitions.ts";
import type { Reader } from "../../src/catalog/definitions.ts";
import { stateKeys } from "../../src/core/state-keys.ts";
import { code, codeOf, command, createYard } from "./yard.ts";

async function createBot() {
  const yard = createYard();
  await yard.catalog.storeBot(code([command("/a", "1"), command("/b", "1")]));
  const reads: string[] = [];
  const reader: Reader = {
    get(key) {
      reads.push(key);
      return yard.ledger.read(1, key);
    },
    list(prefix) {
      reads.push(prefix);
      return yard.ledger.list(1, prefix);
    },
  };
  return { ...yard, reader, reads };
}

test("code that is known is not read again", async () => {
  const { reader, reads } = await createBot();
  const definitions = createDefinitions();
  const first = await definitions.load(reader, 1);
  reads.length = 0;

  const second = await definitions.load(reader, 1);

  expect(reads).toEqual([stateKeys.meta]);
  expect(second).toEqual(first);
});

test("a new version is read, and switching a bot off does not read its code again", async () => {
  const { catalog, reader, reads } = await createBot();
  const definitions = createDefinitions();
  await definitions.load(reader, 1);

  await catalog.storeBot(code([command("/a", "2")]), 1);
  const next = await definitions.load(reader, 1);
  await catalog.changeBot(1, { disabled: true });
  reads.length = 0;
  const off = await definitions.load(reader, 1);

  expect(next?.commands.map((one) => one.code)).toEqual(["2"]);
  expect(off?.meta.disabled).toBe(true);
  expect(reads).toEqual([stateKeys.meta]);
});

test("code that was changed while it was read is neither given nor kept", async () => {
  const { catalog, reader } = await createBot();
  const definitions = createDefinitions();
  const change: Reader = {
    get: reader.get,
    async list(prefix) {
      if (prefix === stateKeys.commands) await catalog.storeBot(code([command("/a", "2"), command("/b", "1")]), 1);
      return reader.list(prefix);
    },
  };

  expect(await codeOf(definitions.load(change, 1))).toBe("conflict");

  await catalog.storeBot(code([command("/a", "1"), command("/b", "1")]), 1);
  expect((await definitions.load(reader, 1))?.commands.map((one) => one.code)).toEqual(["1", "1"]);
});

test("a catalog reads again when the code was changed in the middle", async () => {
  let change: (() => Promise<unknown>) | undefined;
  const yard = createYard((ledger) => ({
    ...ledger,
    async list(bot, prefix) {
      const then = prefix === stateKeys.commands ? change : undefined;
      if (then) change = undefined;
      await then?.();
      return ledger.list(bot, prefix);
    },
  }));
  await yard.catalog.storeBot(code([command("/a", "1")]));
  change = () => yard.catalog.storeBot(code([command("/a", "2")]), 1);

  const definition = await yard.catalog.definition(1);

  expect(definition?.meta.version).toBe(2);
  expect(definition?.commands[0]?.code).toBe("2");
});

test("in a run the code counts as read, so that a change of it makes the run run again", async () => {
  const { catalog, ledger } = await createBot();
  const definitions = createDefinitions();
  const seen: (string | undefined)[] = [];

  await ledger.run(1, async (tx, tries) => {
    seen.push((await definitions.load(tx, 1))?.commands[0]?.code);
    if (tries === 1) await catalog.storeBot(code([command("/a", "2")]), 1);
    return { answer: null };
  });

  expect(seen).toEqual(["1", "2"]);
});

test("of many that want the same code at once one reads it", async () => {
  const { reader, reads } = await createBot();
  const definitions = createDefinitions();

  const all = await Promise.all(Array.from({ length: 50 }, () => definitions.load(reader, 1)));

  expect(new Set(all.map((one) => one?.commands)).size).toBe(1);
  expect(reads.filter((key) => key === stateKeys.commands)).toHaveLength(1);
});

test("one that fails to read does not take the others with it", async () => {
  const { reader } = await createBot();
  const definitions = createDefinitions();
  const broken: Reader = { get: reader.get, list: () => Promise.reject(new Error("the store is away")) };

  const [first, second] = await Promise.allSettled([definitions.load(broken, 1), definitions.load(reader, 1)]);

  expect(first.status).toBe("rejected");
  expect(second).toMatchObject({ status: "fulfilled", value: { meta: { id: 1 } } });
});

test("what was used least lately goes when there is too much", async () => {
  const yard = createYard();
  for (let i = 0; i < 3; i++) await yard.catalog.storeBot(code([command("/a", `${i}`.repeat(1_000))]));
  const reads: string[] = [];
  const definitions = createDefinitions({ cacheChars: 3_000 });
  const load = (bot: number) =>
    definitions.load(
      {
        get: (key) => yard.ledger.read(bot, key),
        list(prefix) {
          reads.push(`${bot} ${prefix}`);
          return yard.ledger.list(bot, prefix);
        },
      },
      bot,
    );

  for (const bot of [1, 2, 1, 3, 1, 2]) await load(bot);

  expect(reads.filter((one) => one.endsWith(stateKeys.commands))).toEqual(["1 b/c/", "2 b/c/", "3 b/c/", "2 b/c/"]);
});
