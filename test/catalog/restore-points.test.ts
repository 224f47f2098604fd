import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { BotCode } from "../../src/core/catalog.ts";
import { stateKeys } from "../../src/core/state-keys.ts";
import { code, codeOf, command, createYard } from "./yard.ts";

const first = code([command("/a", "1", { head: "/*CMD\r\n  command: /a\r\nCMD*/\r\n" }), command("/b", "2")], {
  libs: [{ name: "Rates", code: "publish({})", file: "libs/Rates.js", head: "\uFEFF" }],
  files: [{ path: "bot.json", text: '{"bb_sync_version":"1.0","name":"demo"}' }],
});
const second = code([command("/b", "changed"), command("/c", "3")], { name: "renamed" });

test("an import keeps the state before it, and a restore brings all of it back", async () => {
  const { catalog, pass } = createYard();
  await catalog.storeBot(first);
  await catalog.changeBot(1, { disabled: true });
  const before = await catalog.source(1);
  pass(60_000);
  await catalog.storeBot(second, 1);
  await catalog.changeBot(1, { disabled: false });

  const points = await catalog.restorePoints(1);
  const meta = await catalog.restoreBot(1);

  expect(points).toEqual([
    { version: 2, name: "demo", disabled: true, commands: 2, libs: 1, kept_at: "2026-01-01T00:01:00.000Z" },
  ]);
  const after = await catalog.source(1);
  expect(after).toEqual({ ...before, meta: { ...before?.meta, version: 5, updated_at: meta.updated_at } });
  expect(meta).toMatchObject({ name: "demo", disabled: true, version: 5 });
});

test("the rows of the code are the very rows of before", async () => {
  const yard = createYard();
  await yard.catalog.storeBot(first);
  const isCode = ([key]: [string, string]) => /^b\/[clf]\//.test(key);
  const before = [...(await yard.values(1))].filter(isCode);
  await yard.catalog.storeBot(second, 1);

  await yard.catalog.restoreBot(1);

  expect([...(await yard.values(1))].filter(isCode)).toEqual(before);
});

test("users, properties and link keys stay as they are now", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(first);
  await catalog.storeBot(second, 1);
  const { user } = await catalog.addUser(1, { first_name: "Ada" });
  await catalog.setProperty(1, null, "count", 7);
  const key = await catalog.rotateLinkKey(1, 60);

  await catalog.restoreBot(1);

  expect(await catalog.user(1, user.id)).toEqual(user);
  expect((await catalog.property(1, null, "count"))?.value).toBe(7);
  expect((await catalog.linkKeys(1))[0]?.kid).toBe(key.kid);
});

test("what runs after a restore is the earlier code", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(first);
  await catalog.storeBot(second, 1);

  await catalog.restoreBot(1);

  expect((await catalog.definition(1))?.commands.map(({ id, name }) => [id, name])).toEqual([
    [1, "/a"],
    [2, "/b"],
  ]);
});

test("a restore can itself be taken back", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(first);
  await catalog.storeBot(second, 1);
  const changed = await catalog.source(1);

  await catalog.restoreBot(1);
  await catalog.restoreBot(1);

  expect((await catalog.source(1))?.commands).toEqual(changed?.commands);
  expect((await catalog.bot(1))?.name).toBe("renamed");
});

test("a command that is made anew after a restore gets no id that was given before", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(first);
  await catalog.storeBot(second, 1);
  await catalog.restoreBot(1);

  await catalog.storeBot(second, 1);

  expect((await catalog.definition(1))?.commands.map(({ id, name }) => [id, name])).toEqual([
    [2, "/b"],
    [4, "/c"],
  ]);
});

test("an import that changes nothing keeps no restore point", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(first);

  await catalog.storeBot(first, 1);

  expect(await catalog.restorePoints(1)).toEqual([]);
  expect(await codeOf(catalog.restoreBot(1))).toBe("restore_point_not_found");
});

test("a changed file that nothing runs is a new version", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(first);

  const meta = await catalog.storeBot({ ...first, files: [{ path: "bot.json", text: "{}" }] }, 1);
  await catalog.restoreBot(1, 1);

  expect(meta.version).toBe(2);
  expect((await catalog.source(1))?.files).toEqual(first.files);
});

test("the newest ten are kept, and nothing is left of the others", async () => {
  const yard = createYard();
  await yard.catalog.storeBot(code([command("/a", "0")]));
  for (let i = 1; i <= 13; i++) await yard.catalog.storeBot(code([command("/a", `${i}`)]), 1);

  const versions = (await yard.catalog.restorePoints(1)).map(({ version }) => version);

  expect(versions).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  const rows = [...(await yard.values(1)).keys()].filter((key) => /^b\/[rx]\//.test(key));
  expect(rows).toHaveLength(20);
  expect(await codeOf(yard.catalog.restoreBot(1, 3))).toBe("restore_point_not_found");
});

test("changes of single commands take no state before an import away", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(first);
  await catalog.storeBot(second, 1);
  for (let i = 1; i <= 12; i++) await catalog.changeCommand(1, 2, { code: `${i}` });

  const versions = (await catalog.restorePoints(1)).map(({ version }) => version);
  await catalog.restoreBot(1, 1);

  expect(versions).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 1]);
  expect((await catalog.source(1))?.libs).toEqual(first.libs);
});

/** Source that does not pack: base64 of chance. */
const large = (bytes: number): BotCode =>
  code(Array.from({ length: 4 }, (_, i) => command(`/${i}`, randomBytes(bytes / 4).toString("base64"))));

test("a bot too large for one commit is kept and restored all the same", async () => {
  const yard = createYard();
  await yard.catalog.storeBot(large(3_000_000));
  const before = await yard.catalog.source(1);

  await yard.catalog.storeBot(first, 1);
  const rows = [...(await yard.values(1)).keys()];
  await yard.catalog.restoreBot(1);

  expect(rows.filter((key) => key.startsWith("b/x/1/")).length).toBeGreaterThan(2);
  expect(rows).not.toContain(stateKeys.partsAhead);
  expect((await yard.catalog.source(1))?.commands).toEqual(before?.commands);
});

test("a large bot that changes between the parts and the import is refused and unharmed", async () => {
  let between: (() => Promise<unknown>) | undefined;
  const yard = createYard((ledger) => ({
    ...ledger,
    run: async (bot, attempt, options) => {
      const value = await ledger.run(bot, attempt, options);
      const ahead = await ledger.read(bot, stateKeys.partsAhead);
      const change = between;
      if (ahead !== null && change) {
        between = undefined;
        await change();
      }
      return value;
    },
  }));
  await yard.catalog.storeBot(large(1_000_000));
  between = () => yard.catalog.changeBot(1, { disabled: true });

  expect(await codeOf(yard.catalog.storeBot(first, 1))).toBe("conflict");
  expect((await yard.catalog.source(1))?.commands).toHaveLength(4);

  await yard.catalog.storeBot(first, 1);
  await yard.catalog.restoreBot(1);

  expect((await yard.catalog.source(1))?.commands).toHaveLength(4);
  const parts = [...(await yard.values(1)).keys()].filter((key) => key.startsWith("b/x/1/"));
  expect(parts).toEqual([]); // those of the import that failed
});

test("a bot that is not there has no restore points", async () => {
  const { catalog } = createYard();

  expect(await codeOf(catalog.restorePoints(9))).toBe("bot_not_found");
  expect(await codeOf(catalog.restoreBot(9))).toBe("bot_not_found");
  expect(await catalog.source(9)).toBeNull();
});
