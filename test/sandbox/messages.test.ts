import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { botOf, command, openYard, type TestYard, texts } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

const sent = async (code: string) => {
  const { error, effects, log } = await yard.script(code);
  if (error) throw new Error(error.message);
  return {
    messages: effects.map((effect) => effect.kind === "sendMessage" && { text: effect.text, options: effect.options }),
    log: log.map(({ level, text }) => `${level}: ${text}`),
  };
};
const property = (v: unknown, t = "string") => JSON.stringify({ v, t });

describe("Bot.sendMessage", () => {
  test.each([
    ["a text", "'hi'", { text: "hi" }],
    [
      "a text and options",
      "'hi', { parse_mode: null, is_reply: true }",
      { text: "hi", options: { parse_mode: null, is_reply: true } },
    ],
    ["an object", "{ text: 'hi', reply_markup: { a: [1] } }", { text: "hi", options: { reply_markup: { a: [1] } } }],
    [
      "options as the third argument, where the second is none",
      "'hi', null, { is_reply: true }",
      { text: "hi", options: { is_reply: true } },
    ],
    [
      "options as the third argument behind a text",
      "'hi', 'x', { is_reply: true }",
      { text: "hi", options: { is_reply: true } },
    ],
    ["the second before the third", "'hi', { a: 1 }, { b: 1 }", { text: "hi", options: { a: 1 } }],
    ["surplus arguments", "'hi', undefined, undefined, 5, 6", { text: "hi" }],
    ["a number", "5", { text: "5" }],
    ["zero", "0", { text: "0" }],
    ["false", "false", { text: "false" }],
    ["null", "null", { text: "null" }],
    ["an empty text", "''", { text: "" }],
    ["an array", "[1, [2, 3]]", { text: "1,2,3" }],
    ["an object without a text", "{ a: 1 }", { text: "[object Object]" }],
    ["an object that shows itself", "{ toString: () => 'me' }", { text: "me" }],
    ["a Date", "new Date(0).toISOString()", { text: "1970-01-01T00:00:00.000Z" }],
    ["a symbol", "Symbol('s')", { text: "Symbol(s)" }],
    ["a BigInt", "10n", { text: "10" }],
    ["a text that is no number in an object", "{ text: 5 }", { text: "5" }],
    ["half a surrogate pair", "'a\\ud83d'", { text: "a\ufffd" }],
    ["an emoji and a NUL", "'😊\\0'", { text: "😊\0" }],
    [
      "options with what JSON cannot hold",
      "'hi', { f() {}, d: new Date(0), u: undefined }",
      { text: "hi", options: { d: "1970-01-01T00:00:00.000Z" } },
    ],
  ])("takes %s", async (_, args, message) => {
    expect(await sent(`Bot.sendMessage(${args})`)).toEqual({ messages: [{ options: undefined, ...message }], log: [] });
  });

  test("without an argument sends nothing and warns", async () => {
    const outcome = await yard.script("Bot.sendMessage('a'); Bot.sendMessage(); Bot.sendMessage(undefined, { a: 1 })");

    expect(texts(outcome)).toEqual(["a"]);
    expect(outcome.answer).toBe("a");
    expect(outcome.log.map(({ level }) => level)).toEqual(["warn", "warn"]);
  });

  test("returns nothing", async () => {
    expect(
      (
        await sent("Bot.sendMessage(typeof Bot.sendMessage('a') + typeof Bot.inspect(1) + typeof Bot.runCommand(''))")
      ).messages.at(-1),
    ).toMatchObject({ text: "undefinedundefinedundefined" });
  });

  test("is User.sendMessage as well", async () => {
    expect((await sent("User.sendMessage('hi', { a: 1 })")).messages).toEqual([{ text: "hi", options: { a: 1 } }]);
  });

  test.each([
    [
      "options that hold themselves",
      "var o = {}; o.o = o; Bot.sendMessage('a', o)",
      "script_failed",
      /^TypeError: the options of Bot.sendMessage cannot be turned into JSON/,
    ],
    ["an object that cannot be a text", "Bot.sendMessage(Object.create(null))", "script_failed", /^TypeError: /],
    [
      "a text over 64 KB",
      "try { Bot.sendMessage('ä'.repeat(32769)) } catch (e) {}",
      "limit_bytes",
      /more than 65536 bytes/,
    ],
    [
      "options that nest too deep",
      "var o = 0; for (var i = 0; i < 200; i++) o = [o]; Bot.sendMessage('a', { o })",
      "limit_bytes",
      /deeper than 100 levels/,
    ],
    [
      "more than 1,000 of them",
      "for (var i = 0; i < 1001; i++) Bot.sendMessage('a')",
      "limit_effects",
      /more than 1000 effects/,
    ],
    [
      "more than 2 MB of them",
      "for (var i = 0; i < 40; i++) Bot.sendMessage('x'.repeat(60000))",
      "limit_bytes",
      /more than 2097152 bytes/,
    ],
  ])("refuses %s", async (_, code, failure, message) => {
    const { error } = await yard.script(code);

    expect(error).toMatchObject({ code: failure, message: expect.stringMatching(message) });
  });

  test("a text of 64 KB is taken", async () => {
    expect(texts(await yard.script("Bot.sendMessage('x'.repeat(65536))"))[0]?.length).toBe(65_536);
  });
});

describe("placeholders", () => {
  const properties = new Map([
    ["42/Name", property("Ann *")],
    ["b/Name", property("the bot")],
    ["b/Count", property(5, "integer")],
    ["b/List", property([1, { a: 2 }], "json")],
    ["b/Secret", property("hush")],
    ["42/Trick", property("<Secret>")],
    ["b/b", property("bold?")],
    ["b/two words", property("2w")],
    ["b/No", property(false, "boolean")],
  ]);
  const CASES: [string, string][] = [
    ["Hi <Name>!", "Hi Ann *!"],
    ["<Count> <List> <No>", '5 [1,{"a":2}] false'],
    ["<Unknown> <> < Name> <name>", "<Unknown> <> < Name> <name>"],
    ["1 < 2 and 3 > 2", "1 < 2 and 3 > 2"],
    ["<<Name>> a<Name", "<Ann *> a<Name"],
    ["<Trick>", "<Secret>"],
    ["<two words>", "2w"],
    ["<b>x</b>", "bold?x</b>"],
    [`<a href="x"><i>`, `<a href="x"><i>`],
    [`<${"x".repeat(300)}>`, `<${"x".repeat(300)}>`],
    ["<a\0b>", "<a\0b>"],
  ];

  test.each(CASES)("in a message: %s", async (words, filled) => {
    const outcome = await yard.script(`Bot.sendMessage(${JSON.stringify(words)})`, { properties });

    expect(texts(outcome)).toEqual([filled]);
  });

  test.each(CASES)("in an Answer: %s", async (words, filled) => {
    const outcome = await yard.run(botOf([command("/start", "", { answer: words })]), { properties });

    expect(texts(outcome)).toEqual([filled]);
  });

  test("under HTML nothing is replaced, in whatever letter case it is spelt", async () => {
    const code =
      "Bot.sendMessage('<b><Name>', { parse_mode: 'HTML' }); Bot.sendMessage({ text: '<b><Name>', parse_mode: 'html' })";

    expect(texts(await yard.script(code, { properties }))).toEqual(["<b><Name>", "<b><Name>"]);
  });

  test("a user's value before the bot's, and what the script itself wrote", async () => {
    const outcome = await yard.script(
      "User.setProp('Name', 'Eve'); Bot.sendMessage('<Name>'); User.deleteProp('Name'); Bot.sendMessage('<Name>')",
      { properties },
    );

    expect(texts(outcome)).toEqual(["Eve", "the bot"]);
  });

  test("without a user the bot's value", async () => {
    expect(texts(await yard.script("Bot.sendMessage('<Name>')", { properties, user: null }))).toEqual(["the bot"]);
  });
});

describe("inspect and console", () => {
  test.each([
    ["{ a: [1, 'x'] }", '{\n  "a": [\n    1,\n    "x"\n  ]\n}'],
    ["'text'", '"text"'],
    ["undefined", "undefined"],
    ["null", "null"],
    ["() => 1", "() => 1"],
    ["Symbol('s')", "Symbol(s)"],
    ["10n", "[cannot be shown: Do not know how to serialize a BigInt]"],
    [
      "(() => { var o = {}; o.o = o; return o })()",
      expect.stringContaining("[cannot be shown: Converting circular structure"),
    ],
  ])("Bot.inspect(%s) sends plain text, inspect returns it", async (expression, shown) => {
    const { messages } = await sent(
      `Bot.inspect(${expression}); Bot.sendMessage(inspect(${expression}), { parse_mode: 'HTML' })`,
    );

    expect(messages).toMatchObject([{ text: shown, options: { parse_mode: null } }, { text: shown }]);
  });

  test("console writes into the log with its level, and never stops a run", async () => {
    const code = `console.log('a', 1, { b: 2 }, undefined, null); console.info('i'); console.warn('w'); console.error(new Error('e').message);
      var o = {}; o.o = o; console.log(o); console.log(Object.create(null), Symbol('s')); console.log({ toJSON() { throw 1 } });
      console.table([1]); console.assert(true, 'no'); console.assert(false, 'yes'); console.time(); console.timeEnd(); console.group('g'); console.groupEnd(); console.count(); console.dir(1); console.debug('d'); console.trace('t'); console.clear();
      console.log('one\\ntwo'); console.log();`;

    const { log } = await sent(code);

    expect(log[0]).toBe('info: a 1 {\n  "b": 2\n} undefined null');
    expect(log.slice(1, 4)).toEqual(["info: i", "warn: w", "error: e"]);
    expect(log[4]).toMatch(/^info: \[cannot be shown/);
    expect(log).toContain("error: assertion failed yes");
    expect(log).not.toContain("error: assertion failed no");
  });

  test("the log has 500 lines at most, each of 2,000 characters, and says that it was cut", async () => {
    const outcome = await yard.script(
      "for (var i = 0; i < 600; i++) console.log(i + 'x'.repeat(3000)); Bot.runCommand('/none')",
    );

    expect(outcome.log).toHaveLength(501);
    expect(outcome.log[0]?.text).toHaveLength(2_000);
    expect(outcome.log.at(-1)).toMatchObject({ level: "warn", text: "log lines beyond 500 were dropped" });
  });

  test("each line says whose it is", async () => {
    const { log } = await yard.run(
      botOf({ "/start": "console.log(1); Bot.runCommand('/sub')", "/sub": "console.log(2)" }),
    );

    expect(log).toEqual([
      { level: "info", text: "1", command: "/start" },
      { level: "info", text: "2", command: "/sub" },
    ]);
  });

  test("what a failed script logged is in the log", async () => {
    const { log } = await yard.script("console.log('before'); oops()");

    expect(log).toMatchObject([{ text: "before" }]);
  });
});

describe("the answer", () => {
  const answer = async (commands: Record<string, string>, call = {}) => (await yard.run(botOf(commands), call)).answer;

  test.each([
    ["the last text of several", { "/start": "Bot.sendMessage('a'); Bot.sendMessage('b')" }, "b"],
    ["none", { "/start": "Bot.setProp('a', 1)" }, null],
    ["an inspected value", { "/start": "Bot.sendMessage('a'); Bot.inspect([1])" }, "[\n  1\n]"],
    [
      "a text of a sub-command",
      { "/start": "Bot.sendMessage('a'); Bot.runCommand('/sub')", "/sub": "Bot.sendMessage('b')" },
      "b",
    ],
    [
      "a text of the caller behind its sub-command",
      { "/start": "Bot.runCommand('/sub'); Bot.sendMessage('a')", "/sub": "Bot.sendMessage('b')" },
      "a",
    ],
    [
      "a text of a sub-command for another user",
      {
        "/start": "Bot.sendMessage('a'); Bot.run({ command: '/sub', user_id: 43 })",
        "/sub": "Bot.sendMessage('to ' + user.first_name)",
      },
      "to Bob",
    ],
    ["a text of @@", { "/start": "Bot.sendMessage('a')", "@@": "Bot.sendMessage('end')" }, "end"],
    ["an empty text", { "/start": "Bot.sendMessage('a'); Bot.sendMessage('')" }, ""],
  ])("is %s", async (_, commands, expected) => {
    expect(await answer(commands)).toBe(expected);
  });

  test("is not the Answer of a command, which is sent before its script", async () => {
    const bot = botOf([
      command("/start", "Bot.sendMessage('b'); Bot.runCommand('/sub')", { answer: "A" }),
      command("/sub", "", { answer: "C" }),
    ]);

    const outcome = await yard.run(bot);

    expect(texts(outcome)).toEqual(["A", "b", "C"]);
    expect(outcome.answer).toBe("b");
  });

  test("a blank Answer is none", async () => {
    const outcome = await yard.run(botOf([command("/start", "", { answer: " \n " })]));

    expect(outcome).toMatchObject({ answer: null, effects: [] });
  });

  test("where there is no chat nothing is sent, the log warns, and the text is the answer", async () => {
    const bot = botOf([command("/start", "Bot.sendMessage('a')", { answer: "A" })]);

    const outcome = await yard.run(bot, { user: null });

    expect(outcome.effects).toEqual([{ kind: "sendMessage", by: "/start", chat_id: null, text: "a" }]);
    expect(outcome).toMatchObject({ error: null, answer: "a", log: [{ level: "warn", command: "/start" }] });
  });

  test("a failed run has none", async () => {
    expect(
      await answer({
        "/start": "Bot.sendMessage('a'); Bot.runCommand('/sub')",
        "/sub": "Bot.sendMessage('b'); throw 1",
      }),
    ).toBeNull();
  });
});
