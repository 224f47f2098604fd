import fc from "fast-check";
import { expect, test } from "vitest";
import { PROPERTY_NAME_CHARS, PROPERTY_VALUE_BYTES } from "../../src/core/limits.ts";
import { code, codeOf, createYard } from "./yard.ts";

async function createBot() {
  const yard = createYard();
  await yard.catalog.storeBot(code([]));
  await yard.catalog.addUser(1, {});
  return yard;
}

test("what is set is read back with its type", async () => {
  const { catalog } = await createBot();

  const set = await catalog.setProperty(1, 1, "visits", "3", "integer");

  expect(set).toEqual({ name: "visits", user_id: 1, value: 3, type: "integer" });
  expect(await catalog.property(1, 1, "visits")).toEqual(set);
});

test("a bot's property and a user's of the same name are two", async () => {
  const { catalog } = await createBot();

  await catalog.setProperty(1, null, "x", "bot");
  await catalog.setProperty(1, 1, "x", "user");

  expect((await catalog.property(1, null, "x"))?.value).toBe("bot");
  expect((await catalog.property(1, 1, "x"))?.value).toBe("user");
});

test("properties are listed by owner and name, for all, for the bot or for one user", async () => {
  const { catalog } = await createBot();
  for (let i = 0; i < 9; i++) await catalog.addUser(1, {});
  for (const owner of [10, 2, null]) for (const name of ["b", "a"]) await catalog.setProperty(1, owner, name, true);

  const named = async (owner?: number | null) =>
    (await catalog.properties(1, owner)).map(({ user_id, name }) => `${user_id}${name}`);

  expect(await named()).toEqual(["nulla", "nullb", "2a", "2b", "10a", "10b"]);
  expect(await named(null)).toEqual(["nulla", "nullb"]);
  expect(await named(1)).toEqual([]);
  expect(await named(10)).toEqual(["10a", "10b"]);
});

test("any name is a name of its own", async () => {
  const { catalog } = await createBot();
  const name = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 100 }),
    fc.constantFrom("", "/", "../x", "$gt", "u/1/x", "__proto__", "a.b"),
  );

  await fc.assert(
    fc.asyncProperty(name, fc.constantFrom(null, 1), async (any, owner) => {
      await catalog.setProperty(1, owner, any, any);

      expect(await catalog.property(1, owner, any)).toMatchObject({ name: any, user_id: owner, value: any });
      expect(await catalog.properties(1)).toHaveLength(1);
      expect(await catalog.deleteProperty(1, owner, any)).toBe(true);
      expect(await catalog.properties(1)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test("what is not there is deleted without a change", async () => {
  const { catalog } = await createBot();

  expect(await catalog.deleteProperty(1, null, "x")).toBe(false);
  expect(await catalog.deleteProperty(1, 99, "x")).toBe(false);
});

test("a property needs a user that the bot has", async () => {
  const { catalog } = await createBot();

  expect(await codeOf(catalog.setProperty(1, 2, "x", 1))).toBe("user_unknown");
});

test.each([
  ["null", "x", null],
  ["a value that is too large", "x", "é".repeat(PROPERTY_VALUE_BYTES / 2)],
  ["a name that is too long", "x".repeat(PROPERTY_NAME_CHARS + 1), 1],
  ["a name that is no text", "\ud800", 1],
])("%s is refused", async (_what, name, value) => {
  const { catalog } = await createBot();

  expect(await codeOf(catalog.setProperty(1, null, name, value))).toBe("field_invalid");
  expect(await catalog.properties(1)).toEqual([]);
});

test("a value as large as allowed is stored", async () => {
  const { catalog } = await createBot();
  const value = "x".repeat(PROPERTY_VALUE_BYTES - 2);

  await catalog.setProperty(1, null, "x", value);

  expect((await catalog.property(1, null, "x"))?.value).toBe(value);
});
