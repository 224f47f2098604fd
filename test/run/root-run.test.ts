import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../../src/core/outcome.ts";
import { ann, bob, botOf, command, openYard, type TestYard, texts } from "./yard.ts";

let yard: TestYard;
/** One whose runs have 300 ms. */
let short: TestYard;
beforeAll(() => {
  yard = openYard();
  short = openYard({ limits: { runTimeoutMs: 300 } });
});
afterAll(() => {
  yard.close();
  short.close();
});

const run = (commands: Record<string, string>, call = {}): Promise<Outcome> => yard.run(botOf(commands), call);
/** Effects in a line each. */
const told = ({ effects }: Outcome): string[] =>
  effects.map((effect) =>
    effect.kind === "sendMessage"
      ? `${effect.by} to ${effect.chat_id}: ${effect.text}`
      : effect.kind === "run"
        ? `${effect.by} runs ${effect.command} for ${effect.user_id}`
        : `${effect.by} ${effect.kind === "setProperty" ? `sets ${effect.name}=${JSON.stringify(effect.value)}` : `deletes ${effect.name}`}`,
  );

describe("sub-commands", () => {
  test("run where the queue reaches them: their own actions before the caller's next", async () => {
    const outcome = await run({
      "/start":
        "Bot.sendMessage(1); Bot.runCommand('/a'); Bot.sendMessage(5); Bot.run({ command: '/b' }); Bot.sendMessage(7)",
      "/a": "Bot.sendMessage(2); Bot.runCommand('/b'); Bot.sendMessage(4)",
      "/b": "Bot.sendMessage('b')",
    });

    expect(texts(outcome)).toEqual(["1", "2", "b", "4", "5", "b", "7"]);
    expect(told(outcome)).toContain("/a runs /b for 42");
  });

  test("see what their callers wrote, to the end of the script; what they write stands last", async () => {
    const outcome = await run({
      "/start":
        "Bot.setProp('a', 1); Bot.runCommand('/sub'); Bot.setProp('a', 2); Bot.setProp('b', 2); Bot.sendMessage('end')",
      "/sub": "Bot.sendMessage('a is ' + Bot.getProp('a')); Bot.setProp('a', 3)",
    });

    expect(told(outcome)).toEqual([
      "/start sets a=1",
      "/start sets a=2",
      "/start sets b=2",
      "/start runs /sub for 42",
      "/sub to 7: a is 2",
      "/sub sets a=3",
      "/start to 7: end",
    ]);
    expect(outcome.writes.get("b/a")).toBe('{"v":3,"t":"integer"}');
  });

  test("the caller does not see what they write: they run when it has ended", async () => {
    expect(
      (
        await run({
          "/start": "Bot.runCommand('/sub'); Bot.sendMessage(typeof Bot.getProp('a'))",
          "/sub": "Bot.setProp('a', 3)",
        })
      ).answer,
    ).toBe("undefined");
  });

  test("get params, message, options, a count of the commands before them, and no content", async () => {
    const show =
      "Bot.sendMessage(JSON.stringify([message, params, options, content, completed_commands_count, command.name, typeof request]))";
    const outcome = await run(
      {
        "/start":
          "Bot.runCommand('/sub a  b'); Bot.runCommand('/sub', { x: [1] }); Bot.run({ command: '/sub c', options: { y: null } }); Bot.run({ command: '/sub', options: 'text' })",
        "/sub": show,
      },
      { content: "body", options: { mine: 1 } },
    );

    expect(texts(outcome).map((text) => JSON.parse(text))).toEqual([
      ["/sub a  b", "a  b", null, "", 1, "/sub", "undefined"],
      ["/sub", "", { x: [1] }, "", 2, "/sub", "undefined"],
      ["/sub c", "c", { y: null }, "", 3, "/sub", "undefined"],
      ["/sub", "", "text", "", 4, "/sub", "undefined"],
    ]);
  });

  test("without options they find none, as if somebody had typed the command", async () => {
    expect(
      (
        await run(
          { "/start": "Bot.runCommand('/sub')", "/sub": "Bot.sendMessage(typeof options)" },
          { options: { a: 1 } },
        )
      ).answer,
    ).toBe("undefined");
  });

  test("options are a copy, made when they were given", async () => {
    expect(
      (
        await run({
          "/start": "var o = { n: 1, f() {} }; Bot.run({ command: '/sub', options: o }); o.n = 2",
          "/sub": "Bot.sendMessage(JSON.stringify(options))",
        })
      ).answer,
    ).toBe('{"n":1}');
  });

  test("@ and @@ run around them too, their Answer is sent", async () => {
    const bot = botOf([
      command("@", "Bot.sendMessage('<' + (command ? command.name : ''), { parse_mode: 'HTML' })"),
      command("/start", "Bot.runCommand('/sub')"),
      command("/sub", "", { answer: "A" }),
      command("@@", "Bot.sendMessage('>')"),
    ]);

    expect(texts(await yard.run(bot))).toEqual(["</start", "A", "</sub", ">", ">"]);
  });

  test("are found by alias and in another letter case, with a warning", async () => {
    const bot = botOf([
      command("/start", "Bot.runCommand('Menu'); Bot.runCommand('/SUB')"),
      command("/sub", "Bot.sendMessage(message)", { aliases: ["menu"] }),
    ]);

    const outcome = await yard.run(bot);

    expect(texts(outcome)).toEqual(["Menu", "/SUB"]);
    expect(outcome.log).toEqual([
      { level: "warn", text: '"/SUB" was taken for "/sub": they differ in letter case', command: "/start" },
    ]);
  });

  test.each([
    ["a function", "Bot.run()"],
    ["nothing", "Bot.runCommand()"],
    ["null", "Bot.runCommand(null)"],
    ["an empty text", "Bot.run({ command: '' })"],
    ["a blank text", "Bot.run({ command: ' ' })"],
    ["no command", "Bot.run({ options: {} })"],
  ])("of %s: nothing runs, the log warns, the rest goes on", async (_, call) => {
    const outcome = await run({ "/start": `${call}; Bot.sendMessage('on')`, "*": "Bot.sendMessage('star')" });

    expect(texts(outcome)).toEqual(["on"]);
    expect(outcome.log).toEqual([
      { level: "warn", text: "a command with an empty name is not run", command: "/start" },
    ]);
  });

  test("one that is missing is logged, the rest of the queue runs, * does not", async () => {
    const outcome = await run({
      "/start": "Bot.runCommand('/none a'); Bot.sendMessage('on')",
      "*": "Bot.sendMessage('star')",
    });

    expect(outcome.error).toBeNull();
    expect(texts(outcome)).toEqual(["on"]);
    expect(outcome.log).toEqual([{ level: "error", text: "command not found: /none a", command: "/start" }]);
  });

  test("one that may be missing runs @ and @@ alone, with its text as message", async () => {
    const around = "Bot.sendMessage([message, params, typeof command, options.x].join())";
    const outcome = await run({
      "@": around.replace("options.x", "options?.x"),
      "/start": "Bot.run({ command: '/none a', ignoreMissingCommand: true, options: { x: 1 } })",
      "@@": around.replace("options.x", "options?.x"),
    });

    expect(texts(outcome).slice(1, 3)).toEqual(["/none a,,undefined,1", "/none a,,undefined,1"]);
    expect(outcome.log).toEqual([]);
  });

  test.each(["@", "@@", "*", "!"])("no text runs the special command %s", async (name) => {
    const outcome = await run({ "/start": `if (message === '/start') Bot.runCommand('${name}')`, [name]: "" });

    expect(outcome.log).toMatchObject([{ level: "error", text: `command not found: ${name}` }]);
  });
});

describe("sub-commands for others", () => {
  const who = "Bot.sendMessage([user && user.first_name, chat && chat.id, User.getProp('n', 'none')].join())";

  test.each([
    ["user_id", "{ command: '/sub', user_id: 43 }", 8],
    ["user_id as a text", "{ command: '/sub', user_id: '43' }", 8],
    ["user_telegramid", "{ command: '/sub', user_telegramid: 4300 }", 8],
    ["chat_id: with the user whose chat it is", "{ command: '/sub', chat_id: 8 }", 8],
    ["user_id in another chat", "{ command: '/sub', user_id: 43, chat_id: '7' }", 7],
  ])("by %s", async (_, options, chatId) => {
    const outcome = await run(
      { "/start": `Bot.run(${options}); Bot.sendMessage('mine', { parse_mode: 'HTML' })`, "/sub": who },
      { properties: new Map([["43/n", '{"v":"his","t":"string"}']]) },
    );

    expect(outcome.effects).toMatchObject([
      { kind: "run", by: "/start", command: "/sub", user_id: 43, chat_id: chatId },
      { kind: "sendMessage", by: "/sub", chat_id: chatId, text: `Bob,${chatId},his` },
      { kind: "sendMessage", by: "/start", chat_id: 7, text: "mine" },
    ]);
  });

  test("from a run without a user", async () => {
    const outcome = await run({ "/start": "Bot.run({ command: '/sub', user_id: 42 })", "/sub": who }, { user: null });

    expect(outcome.answer).toBe("Ann,7,none");
  });

  test("absent ids mean the caller's own", async () => {
    const outcome = await run({
      "/start": "Bot.run({ command: '/sub', user_id: undefined, chat_id: null })",
      "/sub": who,
    });

    expect(outcome.answer).toBe("Ann,7,none");
  });

  test("the sub-command of a sub-command is for whom its caller was", async () => {
    const outcome = await run({
      "/start": "Bot.run({ command: '/sub', user_id: 43 })",
      "/sub": "Bot.runCommand('/who')",
      "/who": who,
    });

    expect(outcome.answer).toBe("Bob,8,none");
  });

  test("what it writes and reads as User is that user's", async () => {
    const outcome = await run({
      "/start": "User.setProp('n', 1); Bot.run({ command: '/sub', user_id: 43 })",
      "/sub": "User.setProp('n', User.getProp('n', 10) + 1)",
    });

    expect(Object.fromEntries(outcome.writes)).toEqual({
      "42/n": '{"v":1,"t":"integer"}',
      "43/n": '{"v":11,"t":"integer"}',
    });
  });

  test.each([
    ["{ command: '/sub', user_id: 999 }", "Bot.run: there is no user 999"],
    ["{ command: '/sub', user_telegramid: '1' }", 'Bot.run: there is no user "1"'],
    ["{ command: '/sub', chat_id: 999 }", "Bot.run: there is no chat 999"],
    ["{ command: '/sub', user_id: 'abc' }", 'Bot.run: there is no user "abc"'],
    ["{ command: '/sub', user_id: { a: 1 } }", 'Bot.run: there is no user {"a":1}'],
  ])("nobody there: %s ends the run", async (options, message) => {
    expect(await run({ "/start": `Bot.run(${options})`, "/sub": who })).toMatchObject({
      error: { code: "script_failed", message, command: "/start" },
      answer: null,
    });
  });
});

describe("limits of a chain", () => {
  test("50 commands deep, and no deeper", async () => {
    const deep = (depth: number) =>
      run({
        "/start": `var n = Number(params || 0); if (n < ${depth}) Bot.runCommand('/start ' + (n + 1)); else Bot.sendMessage(n)`,
      });

    expect((await deep(50)).answer).toBe("50");
    expect((await deep(51)).error).toMatchObject({
      code: "limit_depth",
      message: "Too many sub commands: they may be 50 deep",
    });
  });

  test("500 sub-commands, and no more", async () => {
    const many = (count: number) =>
      run({
        "/start": `for (var i = 0; i < ${count}; i++) Bot.runCommand('/sub'); Bot.sendMessage('end')`,
        "/sub": "",
      });

    expect((await many(500)).answer).toBe("end");
    const over = await many(501);
    expect(over.error).toMatchObject({
      code: "limit_sub_commands",
      message: "Too many sub commands: one run may have 500",
    });
    expect(over.answer).toBeNull();
  });

  test("effects, log lines and reads are counted over the whole chain", async () => {
    const chain = await run({
      "/start": "for (var i = 0; i < 3; i++) Bot.runCommand('/sub')",
      "/sub": "for (var i = 0; i < 400; i++) { console.log(i); if (i < 340) Bot.sendMessage(i) }",
    });
    const reads = await run({
      "/start": "for (var i = 0; i < 3; i++) Bot.runCommand('/sub ' + i)",
      "/sub": "for (var i = 0; i < 340; i++) Bot.getProp(params + '/' + i)",
    });

    expect(chain.error).toMatchObject({ code: "limit_effects", message: "the run asked for more than 1000 effects" });
    expect(chain.log).toHaveLength(501);
    expect(reads.error).toMatchObject({ code: "limit_reads" });
  });

  test("time is counted over the whole chain", async () => {
    const busy = "for (var end = Date.now() + 150; Date.now() < end;);";
    const outcome = await short.run(botOf({ "/start": `${busy} Bot.runCommand('/start')` }));

    expect(outcome.error).toMatchObject({
      code: "script_timeout",
      message: "the script ran past its limit of 300 ms",
    });
  });
});

describe("what a script throws", () => {
  test.each([
    ["a text", "throw 'out of stock'", "out of stock"],
    ["an empty text", "throw ''", ""],
    ["null", "throw null", "null was thrown"],
    ["undefined", "throw undefined", "undefined was thrown"],
    ["a number", "throw 5", "5 was thrown"],
    ["NaN", "throw NaN", "NaN was thrown"],
    ["a BigInt", "throw 5n", "5 was thrown"],
    ["a symbol", "throw Symbol('s')", "a symbol was thrown"],
    [
      "an object",
      "throw { status: 402, why: ['x'] }",
      'an object that is no Error was thrown: {"status":402,"why":["x"]}',
    ],
    ["an object with a message", "throw { message: 'short' }", "short"],
    [
      "an object that cannot be shown",
      "throw Object.create(null, { toJSON: { value() { throw 1 } } })",
      "an object that is no Error was thrown",
    ],
    ["an object that holds itself", "var o = {}; o.o = o; throw o", "an object that is no Error was thrown"],
    ["a function", "throw function name() {}", expect.stringMatching(/^name: /)],
    ["an Error", "throw new Error('x')", "x"],
    ["an Error of a kind", "throw new RangeError('x')", "RangeError: x"],
    [
      "an Error of its own class",
      "class PayError extends Error { name = 'PayError' }; throw new PayError('x')",
      "PayError: x",
    ],
    [
      "an Error whose fields throw",
      "var e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw 1 } }); Object.defineProperty(e, 'stack', { get() { throw 2 } }); throw e",
      expect.any(String),
    ],
    ["an Error whose message is no text", "var e = new Error(); e.message = { a: 1 }; throw e", expect.any(String)],
    ["a text of several lines", "throw 'a\\nb\\u2028c\\u001b[31m'", "a\\u000ab\\u2028c\\u001b[31m"],
    ["half a surrogate pair", "throw 'a\\ud800'", "a\ufffd"],
    [
      "a Proxy",
      "throw new Proxy({}, { get() { throw 1 } })",
      expect.stringMatching(/^an object that is no Error was thrown/),
    ],
  ])("%s is told as text", async (_, code, message) => {
    const { error, answer, writes } = await run({ "/start": `Bot.sendMessage('x'); ${code}` });

    expect(error).toMatchObject({ code: "script_failed", message, command: "/start", file: "commands/_start.js" });
    expect(answer).toBeNull();
    expect(writes.size).toBe(0);
  });

  test("a long text is cut", async () => {
    expect((await run({ "/start": "throw 'x'.repeat(1e6)" })).error?.message.length).toBe(2_000);
  });

  test("a message that speaks of a limit or a timeout is a message", async () => {
    const { error } = await run({
      "/start":
        "var e = new Error('Script execution timed out.'); e.code = 'script_timeout'; e.name = 'limit_bytes'; throw e",
    });

    expect(error).toMatchObject({ code: "script_failed" });
  });

  test.each([
    ["in a getter of what is thrown", "throw { get message() { for (;;); } }"],
    [
      "in the stack of what is thrown",
      "var e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e",
    ],
    ["in the JSON of what is thrown", "throw { toJSON() { for (;;); } }"],
    ["in a property's value", "Bot.setProp('a', { toJSON() { for (;;); } })"],
  ])("an endless loop %s ends at the limit", async (_, code) => {
    expect((await short.script(code)).error).toMatchObject({ code: "script_timeout" });
  });

  test("a rejected promise that nobody handles fails the run, a handled one does not", async () => {
    expect((await run({ "/start": "Promise.reject(new Error('x'))" })).error).toMatchObject({ code: "script_failed" });
    expect((await run({ "/start": "Promise.reject(1).catch(() => 0); Bot.sendMessage('on')" })).answer).toBe("on");
  });
});

describe("a failed run", () => {
  test("says what would have been done, up to the failure, and writes nothing on", async () => {
    const bot = botOf([
      command(
        "/start",
        "Bot.setProp('a', 1); Bot.sendMessage('one'); Bot.runCommand('/sub'); Bot.sendMessage('never')",
        { answer: "A" },
      ),
      command("/sub", "User.setProp('b', 2); Bot.sendMessage('two'); Bot.runCommand('/third');\noops()"),
      command("/third", "Bot.sendMessage('third')"),
    ]);

    const outcome = await yard.run(bot);

    expect(outcome.error).toMatchObject({ command: "/sub", file: "commands/_sub.js", line: 2, column: 1 });
    expect(outcome.answer).toBeNull();
    expect(told(outcome)).toEqual([
      "/start to 7: A",
      "/start sets a=1",
      "/start to 7: one",
      "/start runs /sub for 42",
      "/sub sets b=2",
      "/sub to 7: two",
      "/sub runs /third for 42",
    ]);
  });

  test("the next run of the same child starts clean", async () => {
    await run({ "/start": "leak = 1; Object.prototype.leak = 1; throw 1" });

    expect((await run({ "/start": "Bot.sendMessage(typeof leak)" })).answer).toBe("undefined");
  });

  test("what it had read ahead and used is told, so that the failure is only believed if that was true", async () => {
    const prefetched = new Map([
      ["b/used", null],
      ["b/unused", null],
    ]);
    const { touched } = await yard.script("Bot.getProp('used'); throw 1", { prefetched });

    expect([...touched]).toEqual(["b/used"]);
  });

  test("of a killed one all that was read ahead counts as used: it cannot say any more", async () => {
    const prefetched = new Map([
      ["b/a", null],
      ["b/b", null],
    ]);
    const outcome = await short.script("let n = 3n; for (;;) n = n * n", { prefetched });

    expect(outcome.error).toMatchObject({ code: "script_timeout" });
    expect([...outcome.touched]).toEqual(["b/a", "b/b"]);
  });
});

describe("what was read ahead", () => {
  const prefetched = new Map([
    ["b/a", '{"v":1,"t":"integer"}'],
    ["b/b", null],
    ["42/c", '{"v":3,"t":"integer"}'],
  ]);

  test("is not asked for again, and only what a script read counts as read", async () => {
    yard.asked.length = 0;
    const outcome = await yard.script("Bot.sendMessage([Bot.getProp('a'), Bot.getProp('b', 'none')].join())", {
      prefetched,
    });

    expect(outcome.answer).toBe("1,none");
    expect(yard.asked).toEqual([]);
    expect([...outcome.touched]).toEqual(["b/a", "b/b"]);
  });

  test("what is written before it is read is no read", async () => {
    const outcome = await yard.script("Bot.setProp('a', 5); Bot.getProp('a'); User.deleteProp('c')", { prefetched });

    expect([...outcome.touched]).toEqual([]);
  });

  test("a read in one command and a write in the next are both", async () => {
    const bot = botOf({
      "/start": "Bot.getProp('a'); Bot.runCommand('/sub')",
      "/sub": "Bot.setProp('a', Bot.getProp('a') + 1)",
    });
    const outcome = await yard.run(bot, { prefetched });

    expect([...outcome.touched]).toEqual(["b/a"]);
    expect(outcome.writes.get("b/a")).toBe('{"v":2,"t":"integer"}');
  });

  test("an Answer's placeholders read as well", async () => {
    const outcome = await yard.run(botOf([command("/start", "", { answer: "<a> <c>" })]), { prefetched });

    expect(texts(outcome)).toEqual(["1 3"]);
    expect([...outcome.touched].sort()).toEqual(["42/c", "b/a"]);
  });
});

test("a command that waits for a reply says that it cannot run yet", async () => {
  const outcome = await yard.run(botOf([command("/start", "Bot.sendMessage('x')", { need_reply: true })]));

  expect(outcome).toMatchObject({ error: { code: "unsupported_member", command: "/start" }, effects: [] });
});

test("two users of the same bot are two: nothing of one is seen by the other", async () => {
  const bot = botOf({ "/start": "User.setProp('n', user.first_name); Bot.sendMessage(User.getProp('n'))" });

  const [first, second] = await Promise.all([yard.run(bot, { user: ann }), yard.run(bot, { user: bob })]);

  expect([first.answer, second.answer]).toEqual(["Ann", "Bob"]);
  expect([[...first.writes.keys()], [...second.writes.keys()]]).toEqual([["42/n"], ["43/n"]]);
});
