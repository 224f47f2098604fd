import { expect, test } from "vitest";
import { stateKeys } from "../../src/core/state-keys.ts";
import { code, codeOf, command, createYard } from "./yard.ts";

const HOUR_MS = 3_600_000;

test("a new bot has an id, a name and version 1, and is listed", async () => {
  const { catalog } = createYard();

  const first = await catalog.storeBot(code([command("/a")]));
  const second = await catalog.storeBot(code([], { name: "shop" }));

  expect(first).toEqual({
    id: 1,
    name: "demo",
    version: 1,
    disabled: false,
    owner_id: null,
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
  });
  expect(second.id).toBe(2);
  expect(await catalog.bots()).toEqual([first, second]);
  expect(await catalog.bot(1)).toEqual(first);
});

test("a bot's definition has its commands and libraries in the order of its files", async () => {
  const { catalog } = createYard();
  const libs = [{ name: "Rates", code: "publish({})", file: "libs/Rates.js" }];

  await catalog.storeBot(
    code([command("z", "1", { file: "commands/a.js" }), command("a", "2", { file: "commands/b.js" })], { libs }),
  );

  const definition = await catalog.definition(1);
  expect(definition?.commands.map(({ id, name, code: script }) => [id, name, script])).toEqual([
    [1, "z", "1"],
    [2, "a", "2"],
  ]);
  expect(definition?.libs).toEqual(libs);
});

test("the next version replaces the code and keeps users, properties and link keys", async () => {
  const { catalog, pass } = createYard();
  await catalog.storeBot(code([command("/a", "1")]));
  const { user } = await catalog.addUser(1, {});
  await catalog.setProperty(1, user.id, "visits", 3);
  const keys = await catalog.linkKeys(1);
  pass(1_000);

  const meta = await catalog.storeBot(code([command("/b", "2")], { name: "renamed" }), 1);

  expect(meta).toMatchObject({ id: 1, name: "renamed", version: 2, updated_at: "2026-01-01T00:00:01.000Z" });
  expect((await catalog.definition(1))?.commands.map(({ name }) => name)).toEqual(["/b"]);
  expect(await catalog.users(1)).toEqual([user]);
  expect(await catalog.properties(1)).toHaveLength(1);
  expect(await catalog.linkKeys(1)).toEqual(keys);
});

test("a command keeps its id while it keeps its name, and an id is not given again", async () => {
  const { catalog } = createYard();
  const ids = async () =>
    Object.fromEntries((await catalog.definition(1))?.commands.map((one) => [one.name, one.id]) ?? []);

  await catalog.storeBot(code([command("/a"), command("/b")]));
  await catalog.storeBot(code([command("/c"), command("/b", "changed", { file: "commands/elsewhere.js" })]), 1);
  const second = await ids();
  await catalog.storeBot(code([command("/a"), command("/b"), command("/c")]), 1);

  expect(second).toEqual({ "/b": 2, "/c": 3 });
  expect(await ids()).toEqual({ "/a": 4, "/b": 2, "/c": 3 });
});

test("names of an object's prototype are commands like any other", async () => {
  const { catalog } = createYard();

  await catalog.storeBot(code([command("__proto__"), command("constructor")]));

  expect((await catalog.definition(1))?.commands.map(({ name }) => name)).toEqual(["__proto__", "constructor"]);
});

test("only what differs is written, in one commit with the restore point", async () => {
  const commits: string[][] = [];
  const yard = createYard((ledger) => ({
    ...ledger,
    run: (bot, attempt, options) =>
      ledger.run(
        bot,
        (tx, tries) => {
          const written: string[] = [];
          commits.push(written);
          return attempt(
            {
              ...tx,
              set: (key, value) => {
                written.push(key);
                tx.set(key, value);
              },
            },
            tries,
          );
        },
        options,
      ),
  }));
  await yard.catalog.storeBot(code([command("/a", "1"), command("/b", "1"), command("/c", "1")]));
  commits.length = 0;

  await yard.catalog.storeBot(code([command("/a", "1"), command("/b", "2")]), 1);
  await yard.catalog.storeBot(code([command("/b", "2"), command("/a", "1")]), 1);

  const [changed, same] = commits;
  expect(commits).toHaveLength(2);
  expect(changed?.sort()).toEqual([
    ...[stateKeys.command(2), stateKeys.command(3), stateKeys.meta],
    ...[stateKeys.restorePoint(1), stateKeys.restorePart(1, 0)],
  ]);
  expect(same).toEqual([]);
  expect((await yard.catalog.bot(1))?.version).toBe(2);
});

test("switching a bot off and on counts as versions, switching it to what it is does not", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(code([command("/a")]));

  await catalog.changeBot(1, { disabled: true });
  const again = await catalog.changeBot(1, { disabled: true });
  const definition = await catalog.definition(1);

  expect(again).toMatchObject({ disabled: true, version: 2 });
  expect(definition?.meta.disabled).toBe(true);
  expect(definition?.commands).toHaveLength(1);
});

test("a bot that does not exist is named by every call that needs one", async () => {
  const { catalog } = createYard();

  expect(await catalog.bot(9)).toBeNull();
  expect(await catalog.definition(9)).toBeNull();
  expect(await catalog.user(9, 1)).toBeNull();
  expect(await catalog.property(9, null, "x")).toBeNull();
  for (const call of [
    catalog.storeBot(code([]), 9),
    catalog.changeBot(9, { disabled: true }),
    catalog.deleteBot(9),
    catalog.addUser(9, {}),
    catalog.users(9),
    catalog.deleteUser(9, 1),
    catalog.properties(9),
    catalog.setProperty(9, null, "x", 1),
    catalog.deleteProperty(9, null, "x"),
    catalog.linkKeys(9),
    catalog.rotateLinkKey(9, 0),
    catalog.revokeLinkKey(9, "key_x"),
  ])
    expect(await codeOf(call)).toBe("bot_not_found");
});

test("a deleted bot leaves nothing, and its id is not given again", async () => {
  const { catalog, values } = createYard();
  await catalog.storeBot(code([command("/a")]));
  await catalog.addUser(1, { telegramid: 7 });
  await catalog.setProperty(1, null, "x", 1);

  await catalog.deleteBot(1);

  expect(await catalog.bots()).toEqual([]);
  expect(await catalog.definition(1)).toBeNull();
  expect((await values(1)).size).toBe(0);
  expect(await codeOf(catalog.deleteBot(1))).toBe("bot_not_found");
  expect((await catalog.storeBot(code([]))).id).toBe(2);
});

test("a run that began before its bot was deleted does not commit", async () => {
  const { catalog, ledger, definitions, values } = createYard();
  await catalog.storeBot(code([command("/a")]));
  const seen: (number | null)[] = [];

  const outcome = await ledger.run(1, async (tx) => {
    const definition = await definitions.load(tx, 1);
    seen.push(definition && definition.meta.id);
    if (!definition) return { answer: "no such bot" };
    await catalog.deleteBot(1);
    tx.set(stateKeys.property(null, "x"), '{"v":1,"t":"integer"}');
    return { answer: "done" };
  });

  expect(outcome).toBe("no such bot");
  expect(seen).toEqual([1, null]);
  expect((await values(1)).size).toBe(0);
});

test("a crash between taking an id and making the bot leaves an unused id and no bot", async () => {
  const yard = createYard((ledger) => ({
    ...ledger,
    run: (bot, attempt, options) =>
      bot === 1 ? Promise.reject(new Error("the process ended")) : ledger.run(bot, attempt, options),
  }));

  await expect(yard.catalog.storeBot(code([]))).rejects.toThrow("the process ended");

  expect(await yard.catalog.bots()).toEqual([]);
  expect((await yard.catalog.storeBot(code([]))).id).toBe(2);
});

test("a deletion that a crash cut short is finished at the next start", async () => {
  const { catalog, pass, breakForget, values, restart } = createYard();
  await catalog.storeBot(code([command("/a")]));
  await catalog.storeBot(code([command("/b")]));
  breakForget();
  await expect(catalog.deleteBot(1)).rejects.toThrow("the process ended");
  expect((await values(1)).size).toBeGreaterThan(0);
  pass(2 * HOUR_MS);

  const later = restart();
  await later.finishDeletions();

  expect((await values(1)).size).toBe(0);
  expect((await later.bots()).map(({ id }) => id)).toEqual([2]);
  expect((await later.definition(2))?.commands).toHaveLength(1);
});

test("an id that was taken just now is left alone, for its bot may be on its way", async () => {
  const { catalog, ledger, values } = createYard();
  await ledger.run(0, (tx) => {
    tx.set("bot/5", '{"id":5,"created_at":"2026-01-01T00:00:00.000Z"}');
    return Promise.resolve({ answer: null });
  });

  await catalog.finishDeletions();

  expect([...(await values(0)).keys()]).toContain("bot/5");
});

test("many bots that are made at once get an id each", async () => {
  const { catalog } = createYard();

  const made = await Promise.all(Array.from({ length: 20 }, () => catalog.storeBot(code([command("/a")]))));

  expect(new Set(made.map(({ id }) => id)).size).toBe(20);
  expect(await catalog.bots()).toHaveLength(20);
});
