import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROPERTY_VALUE_BYTES } from "../../src/core/limits.ts";
import { botOf, type Call, openYard, type TestYard, texts } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

/** What the store holds, by `owner/name`. */
const holding = (values: Record<string, unknown>): Map<string, string> =>
  new Map(
    Object.entries(values).map(([ref, v]) => {
      const t =
        v instanceof Date ? "datetime" : typeof v === "object" ? "json" : typeof v === "number" ? "integer" : typeof v;
      return [ref, JSON.stringify({ v, t })];
    }),
  );
/** What a script leaves, by `owner/name`; a deleted one is null. */
async function written(code: string, call: Call = {}): Promise<Record<string, unknown>> {
  const { error, writes } = await yard.script(code, call);
  if (error) throw new Error(error.message);
  return Object.fromEntries([...writes].map(([ref, text]) => [ref, text === null ? null : JSON.parse(text)]));
}
/** The values of expressions, "undefined" where one is. */
async function read(expressions: string[], call: Call = {}): Promise<unknown[]> {
  const code = `Bot.inspect([${expressions.join()}].map((x) => x === undefined ? "undefined" : x instanceof Date ? ["date", +x] : x))`;
  const { error, answer } = await yard.script(code, call);
  if (error) throw new Error(error.message);
  return JSON.parse(answer ?? "");
}
const errorOf = async (code: string, call: Call = {}) => (await yard.script(code, call)).error;

describe("reading", () => {
  const properties = holding({
    "b/n": 5,
    "b/zero": 0,
    "b/no": false,
    "b/empty": "",
    "b/list": [1],
    "b/when": new Date(86_400_000),
    "b/nil": null,
    "42/n": 6,
    "43/n": 7,
    "b/__proto__": "p",
    "b/constructor": "c",
    "b/5": "five",
    "b/null": "nil",
    "b/undefined": "u",
    "b/ö 💰": "gold",
  });
  const call: Call = { properties };

  test.each([
    [
      "of the bot, under both names",
      ["Bot.getProp('n')", "Bot.getProperty('n')", "Bot.getProperty({ name: 'n' })"],
      [5, 5, 5],
    ],
    ["of the user", ["User.getProp('n')", "User.getProperty({ name: 'n' })"], [6, 6]],
    [
      "of another user by id, of User and of Bot",
      ["User.getProp({ name: 'n', user_id: 43 })", "Bot.getProp({ name: 'n', user_id: '43' })"],
      [7, 7],
    ],
    [
      "of another user by Telegram's id",
      ["User.getProp({ name: 'n', user_telegramid: 4300 })", "Bot.getProp({ name: 'n', user_telegramid: '4300' })"],
      [7, 7],
    ],
    ["of an id with zeros before it", ["User.getProp({ name: 'n', user_id: '0043' })"], [7]],
    [
      "missing: undefined",
      ["Bot.getProp('x')", "Bot.getProp({ name: 'x' })", "User.getProp('x')"],
      ["undefined", "undefined", "undefined"],
    ],
    [
      "missing: the default as second argument",
      [
        "Bot.getProp('x', 'd')",
        "Bot.getProp('x', 0)",
        "User.getProp('x', [1], 'string')",
        "Bot.getProp('x', false)",
        "Bot.getProp({ name: 'x' }, 3)",
      ],
      ["d", 0, [1], false, 3],
    ],
    [
      "missing: default_value",
      ["Bot.getProp({ name: 'x', default_value: { a: 1 } })", "User.getProp({ name: 'x', default_value: 0 })"],
      [{ a: 1 }, 0],
    ],
    [
      "of a user who does not exist: missing",
      ["Bot.getProp({ name: 'n', user_id: 999 })", "User.getProp({ name: 'n', user_id: 999, default_value: 1 })"],
      ["undefined", 1],
    ],
    [
      "0, false and the empty text as they are stored, whatever the default",
      ["Bot.getProp('zero', 9)", "Bot.getProp('no', true)", "Bot.getProp('empty', 'x')", "Bot.getProp('nil', 1)"],
      [0, false, "", null],
    ],
    [
      "a datetime as a Date",
      ["Bot.getProp('when')", "new Date(86400001) - Bot.getProp('when')"],
      [["date", 86_400_000], 1],
    ],
    [
      "under a name that is made a text",
      ["Bot.getProp(5)", "Bot.getProp(null)", "Bot.getProp()", "Bot.getProp({ name: 5 })"],
      ["five", "nil", "u", "five"],
    ],
    [
      "under any name at all",
      [
        "Bot.getProp('__proto__')",
        "Bot.getProp('constructor')",
        "Bot.getProp('toString')",
        "Bot.getProp('ö 💰')",
        "Bot.getProp('N')",
      ],
      ["p", "c", "undefined", "gold", "undefined"],
    ],
  ])("%s", async (_, expressions, values) => {
    expect(await read(expressions, call)).toEqual(values);
  });

  test("what a script changes on a value it read is not stored, and not read again", async () => {
    const outcome = await yard.script("var l = Bot.getProp('list'); l.push(2); Bot.inspect(Bot.getProp('list'))", call);

    expect(JSON.parse(outcome.answer ?? "")).toEqual([1]);
    expect(outcome.writes.size).toBe(0);
  });

  test("User needs a current user, and the error names the member", async () => {
    for (const member of [
      "getProperty('n')",
      "getProp('n')",
      "setProperty('n', 1)",
      "setProp('n', 1)",
      "deleteProp('n')",
    ]) {
      const error = await errorOf(`User.${member}`, { user: null });
      expect(error?.message).toContain(`User.${member.split("(")[0] ?? ""} `);
    }
  });

  test("without a current user another one can be named", async () => {
    expect(
      await read(["User.getProp({ name: 'n', user_id: 43 })", "Bot.getProp('n')"], { ...call, user: null }),
    ).toEqual([7, 5]);
  });

  test("a property of another bot", async () => {
    const foreign = new Map([["bot 2/n", '{"v":"theirs","t":"string"}']]);

    expect(
      await read(
        [
          "Bot.getProp({ name: 'n', bot_id: 2 })",
          "Bot.getProp({ name: 'n', other_bot_id: '2' })",
          "Bot.getProp({ name: 'x', bot_id: 2, default_value: 'd' })",
          "Bot.getProp({ name: 'n', bot_id: 1 })",
        ],
        { properties: new Map([...properties, ...foreign]) },
      ),
    ).toEqual(["theirs", "theirs", "d", 5]);
  });

  test.each(["'abc'", "1.5", "-1e30", "{}", "NaN"])("an id that is none says so: %s", async (id) => {
    expect((await errorOf(`Bot.getProp({ name: 'n', user_id: ${id} })`))?.message).toMatch(
      /^there is no user with the id /,
    );
  });

  test("a value is asked for once in a run, sub-commands included", async () => {
    const bot = botOf({
      "/start": "Bot.getProp('n'); Bot.getProp('n'); Bot.getProp('gone'); Bot.runCommand('/sub')",
      "/sub": "Bot.getProp('n'); Bot.getProp('gone')",
    });
    yard.asked.length = 0;

    await yard.run(bot, call);

    expect(yard.asked).toEqual(["b/n", "b/gone"]);
  });

  test("lists are not there yet, and say so", async () => {
    expect(await errorOf("Bot.getProp({ name: 'n', list: 'l' })")).toMatchObject({ code: "unsupported_member" });
    expect(await errorOf("User.setProp({ name: 'n', value: 1, list: 'l' })")).toMatchObject({
      code: "unsupported_member",
    });
  });
});

describe("writing", () => {
  test.each([
    [
      "name, value, type",
      "Bot.setProp('a', '5', 'integer'); User.setProperty('a', 5, 'string')",
      { "b/a": { v: 5, t: "integer" }, "42/a": { v: "5", t: "string" } },
    ],
    [
      "name and value: the type by the value",
      "Bot.setProp('a', 1.5); Bot.setProp('b', true); Bot.setProp('c', [1]); Bot.setProp('d', 'x')",
      {
        "b/a": { v: 1.5, t: "float" },
        "b/b": { v: true, t: "boolean" },
        "b/c": { v: [1], t: "json" },
        "b/d": { v: "x", t: "string" },
      },
    ],
    [
      "an object with name, value, type",
      "Bot.setProp({ name: 'a', value: 'x', type: 'text' }); User.setProp({ name: 'a', value: 1 })",
      { "b/a": { v: "x", t: "text" }, "42/a": { v: 1, t: "integer" } },
    ],
    [
      "for another user",
      "User.setProp({ name: 'a', value: 1, user_id: 43 }); Bot.setProp({ name: 'b', value: 2, user_telegramid: '4300' }); Bot.setProp({ name: 'c', value: 3, user_id: '0043' })",
      { "43/a": { v: 1, t: "integer" }, "43/b": { v: 2, t: "integer" }, "43/c": { v: 3, t: "integer" } },
    ],
    ["for this bot by its id", "Bot.setProp({ name: 'a', value: 1, bot_id: 1 })", { "b/a": { v: 1, t: "integer" } }],
    ["null deletes", "Bot.setProp('a', null); User.setProp({ name: 'b', value: null })", { "b/a": null, "42/b": null }],
    [
      "undefined deletes",
      "Bot.setProp('a', undefined); User.setProp('b', undefined, 'string')",
      { "b/a": null, "42/b": null },
    ],
    [
      "an absent value deletes, a misspelt one too",
      "Bot.setProp('a'); User.setProp({ name: 'b' }); Bot.setProp({ name: 'c', vale: 1 })",
      { "b/a": null, "42/b": null, "b/c": null },
    ],
    [
      "deleteProp in its three spellings",
      "Bot.deleteProp('a'); Bot.deleteProperty('b'); User.removeProperty('c'); User.deleteProp({ name: 'd', user_id: 43 })",
      { "b/a": null, "b/b": null, "42/c": null, "43/d": null },
    ],
    [
      "names made texts",
      "Bot.setProp(5, 1); Bot.setProp(null, 2); Bot.setProp(undefined, 3); Bot.setProp(true, 4); Bot.setProp([1, 2], 5)",
      {
        "b/5": { v: 1, t: "integer" },
        "b/null": { v: 2, t: "integer" },
        "b/undefined": { v: 3, t: "integer" },
        "b/true": { v: 4, t: "integer" },
        "b/1,2": { v: 5, t: "integer" },
      },
    ],
    [
      "names that objects have by birth",
      "Bot.setProp('__proto__', 1); Bot.setProp('constructor', { __proto__: null, a: 1 }); Bot.setProp('$gt', 1); Bot.setProp('../a/b', 1)",
      {
        "b/__proto__": { v: 1, t: "integer" },
        "b/constructor": { v: { a: 1 }, t: "json" },
        "b/$gt": { v: 1, t: "integer" },
        "b/../a/b": { v: 1, t: "integer" },
      },
    ],
    [
      "the last of several",
      "Bot.setProp('a', 1); Bot.setProp('a', 2); Bot.setProp('b', 1); Bot.deleteProp('b'); Bot.deleteProp('c'); Bot.setProp('c', 3)",
      { "b/a": { v: 2, t: "integer" }, "b/b": null, "b/c": { v: 3, t: "integer" } },
    ],
    [
      "types as they are found in the wild",
      "Bot.setProp('a', 1, ' string'); Bot.setProp('b', { x: 1 }, 'Object'); Bot.setProp('c', 'x', '💰'); Bot.setProp('d', 'x', true); Bot.setProp('e', '2', 'Number'); Bot.setProp('f', 'x', { user_id: 1 }); Bot.setProp('g', 'x', Symbol('s'))",
      {
        "b/a": { v: "1", t: "string" },
        "b/b": { v: { x: 1 }, t: "json" },
        "b/c": { v: "x", t: "string" },
        "b/d": { v: "x", t: "string" },
        "b/e": { v: 2, t: "integer" },
        "b/f": { v: "x", t: "string" },
        "b/g": { v: "x", t: "string" },
      },
    ],
    [
      "a Date: a datetime, or what its type says",
      "Bot.setProp('a', new Date(0)); Bot.setProp({ name: 'b', value: new Date(0), type: 'string' }); Bot.setProp('c', new Date(0), 'json'); Bot.setProp('d', 0, 'datetime')",
      {
        "b/a": { v: "1970-01-01T00:00:00.000Z", t: "datetime" },
        "b/b": { v: "1970-01-01T00:00:00.000Z", t: "string" },
        "b/c": { v: "1970-01-01T00:00:00.000Z", t: "json" },
        "b/d": { v: "1970-01-01T00:00:00.000Z", t: "datetime" },
      },
    ],
    [
      "objects as JSON holds them",
      "Bot.setProp('a', { f() {}, u: undefined, d: new Date(0), n: NaN, toString: 1 })",
      { "b/a": { v: { d: "1970-01-01T00:00:00.000Z", n: null, toString: 1 }, t: "json" } },
    ],
    [
      "half a surrogate pair: mended in a name, kept in a value",
      "Bot.setProp('a\\ud800', 'b\\udc00'); Bot.setProp('j', { 'k\\ud800': ['\\ud800'] })",
      { "b/a\ufffd": { v: "b\udc00", t: "string" }, "b/j": { v: { "k\ud800": ["\ud800"] }, t: "json" } },
    ],
  ])("%s", async (_, code, expected) => {
    expect(await written(code)).toEqual(expected);
  });

  test("a script reads what it wrote, under every form, and so do sub-commands", async () => {
    const bot = botOf({
      "/start":
        "Bot.setProp('n', 0, 'integer'); Bot.sendMessage(Bot.getProperty({ name: 'n', default_value: 9 })); User.setProp({ name: 'u', value: 'x', user_id: 43 }); Bot.sendMessage(Bot.getProp({ name: 'u', user_telegramid: 4300 })); Bot.deleteProp('old'); Bot.sendMessage(Bot.getProp('old', 'gone')); Bot.setProp('when', new Date(5)); Bot.sendMessage(+Bot.getProp('when')); Bot.runCommand('/sub')",
      "/sub":
        "Bot.sendMessage([Bot.getProp('n'), Bot.getProp('old', 'gone'), Bot.getProp({ name: 'u', user_id: '43' })].join())",
    });

    const outcome = await yard.run(bot, { properties: holding({ "b/n": 5, "b/old": 1 }) });

    expect(texts(outcome)).toEqual(["0", "x", "gone", "5", "0,gone,x"]);
  });

  test("the effects say who asked, for whom, and what", async () => {
    const { effects } = await yard.script(
      "Bot.setProp('a', 1); User.setProp('a', 'x'); User.deleteProp({ name: 'b', user_id: 43 })",
    );

    expect(effects).toEqual([
      { kind: "setProperty", by: "/start", user_id: null, name: "a", value: 1, type: "integer" },
      { kind: "setProperty", by: "/start", user_id: 42, name: "a", value: "x", type: "string" },
      { kind: "deleteProperty", by: "/start", user_id: 43, name: "b" },
    ]);
  });

  test("a value that its type cannot hold is kept, with a warning that does not show it", async () => {
    const { log, writes } = await yard.script("Bot.setProp('balance', 'secret', 'integer')");

    expect(writes.get("b/balance")).toBe('{"v":"secret","t":"string"}');
    expect(log).toMatchObject([
      { level: "warn", command: "/start", text: expect.stringMatching(/^property "balance": /) },
    ]);
    expect(JSON.stringify(log)).not.toContain("secret");
  });

  test.each([
    [
      "a user who does not exist",
      "Bot.setProp({ name: 'a', value: 1, user_id: 999 })",
      "there is no user with the id 999",
    ],
    [
      "an unknown Telegram id",
      "User.setProp({ name: 'a', value: 1, user_telegramid: 1 })",
      "there is no user with the telegramid 1",
    ],
    ["a function", "Bot.setProp('a', () => 1)", 'TypeError: property "a" cannot hold a function'],
    ["a symbol", "Bot.setProp('a', Symbol('s'))", 'TypeError: property "a" cannot hold a symbol'],
    ["NaN", "Bot.setProp('balance', 0 / 0, 'float')", 'TypeError: property "balance" cannot hold NaN'],
    ["Infinity", "Bot.setProp('a', -1 / 0)", 'TypeError: property "a" cannot hold -Infinity'],
    ["an invalid date", "Bot.setProp('a', new Date('x'))", 'TypeError: property "a" cannot hold an invalid date'],
    [
      "a BigInt",
      "Bot.setProp('a', 1n)",
      'TypeError: property "a" cannot be turned into JSON: Do not know how to serialize a BigInt',
    ],
    [
      "an object that holds itself",
      "var o = {}; o.o = o; Bot.setProp('a', o)",
      'TypeError: property "a" cannot be turned into JSON: Converting circular structure to JSON',
    ],
    [
      "an object whose toJSON throws",
      "Bot.setProp('a', { toJSON() { throw 'no' } })",
      'TypeError: property "a" cannot be turned into JSON: no',
    ],
    ["a NUL in the name", "Bot.setProp('a\\0', 1)", "a property name must not hold a NUL character"],
  ])("%s is refused, in words that name it", async (_, code, message) => {
    expect(await errorOf(code)).toMatchObject({ code: "script_failed", message });
  });

  test("a script may catch such a refusal and go on", async () => {
    expect(
      await written(
        "try { Bot.setProp('a', NaN) } catch (e) {} try { Bot.setProp({ name: 'b', value: 1, user_id: 999 }) } catch (e) {} Bot.setProp('c', 1)",
      ),
    ).toEqual({ "b/c": { v: 1, t: "integer" } });
  });

  test("another bot's properties cannot be written yet", async () => {
    expect(await errorOf("Bot.setProp({ name: 'a', value: 1, bot_id: 2 })")).toMatchObject({
      code: "unsupported_member",
    });
  });
});

describe("limits", () => {
  test("a name of 256 characters is taken, one of 257 ends the run", async () => {
    expect(Object.keys(await written("Bot.setProp('a'.repeat(256), 1)"))).toEqual([`b/${"a".repeat(256)}`]);
    for (const code of [
      "Bot.setProp('a'.repeat(257), 1)",
      "Bot.getProp('a'.repeat(257))",
      "Bot.deleteProp('a'.repeat(257))",
    ])
      expect(await errorOf(`try { ${code} } catch (e) {}`)).toMatchObject({
        code: "limit_bytes",
        message: "a property name has 257 characters; the limit is 256",
      });
  });

  test("a value of 256 KB is taken, a larger one ends the run, measured in bytes", async () => {
    const room = PROPERTY_VALUE_BYTES - JSON.stringify({ v: "", t: "text" }).length;

    expect(Object.keys(await written(`Bot.setProp('a', 'x'.repeat(${room}))`))).toEqual(["b/a"]);
    expect(await errorOf(`Bot.setProp('a', 'x'.repeat(${room + 1}))`)).toMatchObject({ code: "limit_bytes" });
    expect(await errorOf(`Bot.setProp('a', 'ä'.repeat(${room / 2 + 1}))`)).toMatchObject({ code: "limit_bytes" });
  });

  test("a value of 100 levels is taken, one of 101 refused", async () => {
    const nested = (levels: number) => `Bot.setProp('a', JSON.parse('['.repeat(${levels}) + ']'.repeat(${levels})))`;

    expect(Object.keys(await written(nested(100)))).toEqual(["b/a"]);
    expect(await errorOf(nested(101))).toMatchObject({
      code: "script_failed",
      message: 'the value of property "a" nests deeper than 100 levels',
    });
    expect(await errorOf("var o = 0; for (var i = 0; i < 1e5; i++) o = [o]; Bot.setProp('a', o)")).toMatchObject({
      code: "script_failed",
    });
  });

  test("a run that reads more than 1,000 properties ends, and its message names the limit", async () => {
    const prefetched = new Map(Array.from({ length: 100 }, (_, i) => [`b/p${i}`, null]));
    const code = (reads: number) => `for (var i = 0; i < ${reads}; i++) Bot.getProp('p' + i); Bot.sendMessage('all')`;

    expect((await yard.script(code(1100), { prefetched })).answer).toBe("all"); // those read ahead do not count
    expect(await errorOf(code(1001))).toMatchObject({
      code: "limit_reads",
      message: "the run read more than 1000 properties",
    });
  });
});
