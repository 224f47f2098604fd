import { expect, test } from "vitest";
import { readEffects } from "../../src/run/guest-effects.ts";

const setting = (more: object): string =>
  JSON.stringify({ kind: "setProperty", key: "b/a", property: { v: 1, t: "integer" }, ...more });

test("what a script asked for is read in its order, a property with the text that is stored", async () => {
  const effects = await readEffects([
    '{"kind":"sendMessage","text":"hi","options":{"parse_mode":"HTML"}}',
    setting({}),
    '{"kind":"deleteProperty","key":"42/x/y"}',
    '{"kind":"run","run":{"command":"/b","options":null,"user_id":1,"user_telegramid":null,"chat_id":null,"ignore_missing":false}}',
  ]);

  expect(effects).toMatchObject([
    { kind: "sendMessage", text: "hi", options: { parse_mode: "HTML" } },
    { kind: "setProperty", key: "b/a", property: { v: 1, t: "integer", text: '{"v":1,"t":"integer"}' } },
    { kind: "deleteProperty", key: "42/x/y" },
    { kind: "run", run: { command: "/b", user_id: 1 } },
  ]);
});

test.each([
  ["that is no JSON", '{"kind":"deleteProperty"'],
  ["of an unknown kind", '{"kind":"becomeAdmin"}'],
  ["with a member too many", '{"kind":"deleteProperty","key":"b/a","bot":2}'],
  ["on a property of no owner", setting({ key: "a" })],
  ["on a property of an owner that is no id", setting({ key: "-1/a" })],
  ["on a property of another bot", setting({ key: "b:2/a" })],
  ["on a property with a NUL in its name", setting({ key: "b/a\0b" })],
  ["on a property with a name over the limit", setting({ key: `b/${"a".repeat(257)}` })],
  ["with a type that does not exist", setting({ property: { v: 1, t: "function" } })],
  ["without a value", setting({ property: { t: "integer" } })],
  ["with a value over the limit", setting({ property: { v: "x".repeat(262_144), t: "text" } })],
  ["with a message over the limit", JSON.stringify({ kind: "sendMessage", text: "я".repeat(32_769) })],
  ["with options that are a list", '{"kind":"sendMessage","text":"a","options":[]}'],
  ["that nests without end", `{"kind":"sendMessage","text":"a","options":{"a":${"[".repeat(9e4)}${"]".repeat(9e4)}}}`],
])("an effect %s is nothing that a process of ours would write", async (_, text) => {
  expect(await readEffects([text])).toBe(undefined);
});

test("a __proto__ key is data and makes nothing of it a prototype", async () => {
  const text = '{"kind":"setProperty","key":"b/a","property":{"v":{"__proto__":{"polluted":1}},"t":"json"}}';

  const [effect] = (await readEffects([text])) ?? [];

  expect(effect?.kind === "setProperty" && effect.property.text).toBe('{"v":{"__proto__":{"polluted":1}},"t":"json"}');
  expect("polluted" in {}).toBe(false);
});

test("large values leave others their turn between them", async () => {
  const value = JSON.stringify(Array.from({ length: 20_000 }, () => []));
  const texts = Array.from({ length: 5 }, () => setting({ property: { v: JSON.parse(value), t: "json" } }));
  const order: string[] = [];

  const reading = readEffects(texts).then(() => order.push("read"));
  setImmediate(() => order.push("another's turn"));
  await reading;

  expect(order).toEqual(["another's turn", "read"]);
});
