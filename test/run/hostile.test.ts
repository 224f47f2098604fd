import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as burners from "./hostile-burners.ts";
import * as scripts from "./hostile-scripts.ts";
import type { Hostile } from "./hostile-scripts.ts";
import { botOf, openYard, type TestYard, texts } from "./yard.ts";

const LIMITS = { runTimeoutMs: 400 };

let yard: TestYard;
beforeAll(() => {
  yard = openYard({ limits: LIMITS });
});
afterAll(() => {
  yard.close();
});

/** Another bot, in the next run: right each time, whatever was run before. */
async function expectNextRunIsRight(): Promise<void> {
  const good = botOf(
    {
      "/start":
        "Bot.sendMessage([1, 2, 3].map((x) => x * 2).join('+') + typeof OUT + JSON.stringify({ a: ({}).polluted }))",
    },
    {},
    2,
  );

  const next = await yard.run(good);

  expect(next).toMatchObject({ error: null, answer: "2+4+6undefined{}" });
}

async function expectContained({ code, answer, fails }: Hostile): Promise<void> {
  const outcome = await yard.script(code);

  if (fails) expect(fails).toContain(outcome.error?.code);
  else expect(outcome).toMatchObject({ error: null, answer });
  await expectNextRunIsRight();
}

const classes: [string, readonly Hostile[]][] = [
  ["what a script can reach", scripts.reachability],
  ["what a script can change", scripts.tampering],
  ["the shape of a source", scripts.shapes],
  ["quotas", burners.quotas],
  ["recursion", burners.recursion],
  ["processor time", burners.cpu],
  ["calls of the engine that no clock inside ends", burners.nativeCalls],
];
describe.each(classes)("%s", (_, list) => {
  test.each(list)("a script $what", expectContained);
});

describe("memory", () => {
  test.each(burners.memory)("a script $what is ended", expectContained);
});

describe("what a script throws", () => {
  test.each(scripts.thrown)("$what is text before it leaves the sandbox", async (hostile) => {
    await expectContained(hostile);
  });
  test.each(scripts.forged)("$what makes no verdict", expectContained);

  test("its text is one line of bounded length", async () => {
    const { error } = await yard.script("throw new Error('a\\r\\nSet-Cookie: b \\u001b[31m\\u2028' + 'x'.repeat(1e5))");

    expect(error?.message).toMatch(/^a\\u000d\\u000aSet-Cookie: b \\u001b\[31m\\u2028x+$/);
    expect(error?.message.length).toBeLessThan(2_100);
  });
});

describe("what a script returns", () => {
  test.each(scripts.returned)("$what is nobody's affair", expectContained);
});

describe("after the end of a run", () => {
  test.each([
    ["behind a throw", "Promise.resolve().then(() => { for (;;); }); throw new Error('x')"],
    ["behind a rejection that nobody handles", "Promise.reject(1); Promise.resolve().then(() => { for (;;); })"],
    ["behind a return", "(async () => { await 0; for (;;); })(); return 1"],
  ])("microtasks left %s take nobody else's time", async (_, code) => {
    await yard.script(code);

    await expectNextRunIsRight();
    await expectNextRunIsRight();
  });

  test("what comes late is done within the run or not at all", async () => {
    const late = await yard.script(
      "const keep = Bot; (async () => { for (let i = 0; i < 100; i++) await 0; keep.sendMessage('late'); })()",
    );
    const next = await yard.script("Bot.sendMessage('next')");

    expect(texts(late)).toEqual(["late"]);
    expect(texts(next)).toEqual(["next"]);
  });

  test("a failed run has an effect on nothing, and its record says what it would have done", async () => {
    const outcome = await yard.script("Bot.setProperty('a', 1); Bot.sendMessage('b'); throw 'x'");

    expect(outcome).toMatchObject({ answer: null, effects: [{ kind: "setProperty" }, { kind: "sendMessage" }] });
  });

  const traces = `globalThis.OUT = 1; var alsoOut = 2; Object.prototype.polluted = 1; Array.prototype.map = () => "bad";
    Symbol.for("left behind").description; Error.stackTraceLimit = 0; /(left)/.exec("left"); Math.random = () => 4;
    String.prototype.trim = function () { return "stolen " + this; }; delete globalThis.JSON; Date.now = () => 0;
    Object.freeze(Array.prototype); user.first_name = "Mallory"; options.headers = {}; data.user = null; Libs.seen = 1;`;
  const look = `Bot.sendMessage([typeof OUT, typeof alsoOut, ({}).polluted, [1].map((x) => x + 1), Error.stackTraceLimit > 0,
    RegExp.$1, Math.random() < 1, " a ".trim(), typeof JSON.parse, Date.now() > 0, Object.isFrozen(Array.prototype), user.first_name,
    data.user.first_name, Libs.seen].join())`;
  const untouched = "undefined,undefined,,2,true,,true,a,function,true,false,Ann,Ann,";

  test.each([
    ["another bot", 2],
    ["the same bot", 1],
  ])("a run of %s sees nothing of it", async (_, id) => {
    await yard.run(botOf({ "/start": traces }), { options: {} });
    const next = await yard.run(botOf({ "/start": look }, {}, id), { options: {} });

    expect(next).toMatchObject({ error: null, answer: untouched });
  });

  test("a sub-command sees nothing of the run that asked for it", async () => {
    const outcome = await yard.run(botOf({ "/start": `${traces} Bot.runCommand("/look");`, "/look": look }), {
      options: {},
    });

    expect(outcome).toMatchObject({ error: null, answer: untouched });
  });
});

describe("the surroundings of a command", () => {
  test.each([
    ["opens a block that the last part closes", "if (false) {", "}"],
    ["opens a comment that the last part closes", "/*", "*/"],
    ["opens a function that the last part calls", "(function () {", "})()"],
    ["ends in a template that the last part ends", "`", "`"],
  ])("a part that %s does not parse", async (_, before, after) => {
    const outcome = await yard.run(botOf({ "@": before, "/start": "Bot.sendMessage('hidden')", "@@": after }));

    expect(outcome).toMatchObject({ error: { code: "script_failed" }, effects: [] });
  });
});

describe("names of properties", () => {
  test.each([
    "../2/secret",
    "b:2/secret",
    "bot 2/secret",
    "$gt",
    "*",
    "%",
    "__proto__",
    "b/secret",
    "43/name",
    "'; DROP TABLE x",
  ])("%s is the name of a property of this bot, and of nothing else", async (name) => {
    const properties = new Map([
      ["bot 2/secret", '{"v":"other","t":"string"}'],
      ["43/name", '{"v":"Bob","t":"string"}'],
    ]);
    yard.asked.length = 0;

    const outcome = await yard.script(`Bot.sendMessage(typeof Bot.getProperty(${JSON.stringify(name)}))`, {
      properties,
    });

    expect(outcome.answer).toBe("undefined");
    expect(yard.asked).toEqual([`b/${name}`]);
  });

  test.each([
    "{ $gt: '' }",
    "{ $ne: null }",
    "['a']",
    "Symbol.iterator.description",
    "new Date(0)",
    "{ toString: () => 'x' }",
  ])("an operator or an object as a name is text: %s", async (name) => {
    yard.asked.length = 0;

    await yard.script(`Bot.getProperty(${name})`);

    expect(yard.asked.every((ref) => ref.startsWith("b/"))).toBe(true);
  });
});

describe("the log", () => {
  test("lines beyond its limit are dropped, and the last line says so", async () => {
    const { error, log } = await yard.script("for (let i = 0; i < 5000; i++) console.log('x'.repeat(10000))");

    expect(error).toBe(null);
    expect(log.length).toBe(501);
    expect(log.every(({ text }) => text.length <= 2_000)).toBe(true);
    expect(log.at(-1)?.text).toContain("dropped");
  });

  test("control characters are shown as escapes", async () => {
    const { log } = await yard.script("console.log('a\\u001b[2J\\r\\u0000b\\tc')");

    expect(log).toMatchObject([{ text: "a\\u001b[2J\\u000d\\u0000b\tc" }]);
  });
});
