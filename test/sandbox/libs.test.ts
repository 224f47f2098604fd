import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { botOf, openYard, type TestYard, texts } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

const run = (code: string, libs: Record<string, string>) => yard.run(botOf({ "/start": code }, libs));
async function answer(code: string, libs: Record<string, string>): Promise<string | null> {
  const { error, answer } = await run(code, libs);
  if (error) throw new Error(error.message);
  return answer;
}

describe("libraries", () => {
  test("give what they publish: functions, values, nested ones", async () => {
    const libs = {
      hello:
        "function hello() { return 'Hello!' } let n = 0; publish({ sayHello: hello, version: 2, user: { next: () => ++n } })",
    };

    expect(
      await answer(
        "Bot.sendMessage([Libs.hello.sayHello(), Libs.hello.version, Libs.hello.user.next(), Libs.hello.user.next(), Libs.hello === Libs.hello].join())",
        libs,
      ),
    ).toBe("Hello!,2,1,2,true");
  });

  test("have a scope of their own, though they declare the same names", async () => {
    const own = (name: string) =>
      `let LIB_PREFIX = '${name}_'; const x = 1; function f() {} class C {} publish({ prefix: () => LIB_PREFIX })`;

    expect(
      await answer(
        "let LIB_PREFIX = 'mine'; Bot.sendMessage(Libs.a.prefix() + Libs.b.prefix() + LIB_PREFIX + typeof x)",
        { a: own("a"), b: own("b") },
      ),
    ).toBe("a_b_mineundefined");
  });

  test("read the globals of the run when they are called", async () => {
    const libs = {
      l: "var early = message; publish({ show: () => [early, message, params, user.first_name, typeof options, BASE].join() })",
    };

    expect(await answer("BASE = 'b'; Libs.l; message = 'm'; params = 'p'; Bot.sendMessage(Libs.l.show())", libs)).toBe(
      "/start,m,p,Ann,undefined,b",
    );
  });

  test("are loaded when a script names them, and not before", async () => {
    const libs = { used: "console.log('used'); publish({})", other: "console.log('other'); publish({})" };

    const outcome = await run("Libs.used; Libs.used; Bot.sendMessage('x')", libs);

    expect(outcome.log.map(({ text }) => text)).toEqual(["used"]);
  });

  test("keep nothing from one command to the next", async () => {
    const bot = botOf(
      {
        "/start": "Libs.l.next(); Bot.sendMessage(Libs.l.next()); Bot.runCommand('/sub')",
        "/sub": "Bot.sendMessage(Libs.l.next())",
      },
      { l: "var n = 0; publish({ next: () => ++n })" },
    );

    expect(texts(await yard.run(bot))).toEqual(["2", "1"]);
  });

  test("may use each other, and a circle ends", async () => {
    const libs = {
      a: "publish({ get: () => Libs.b.get() + 'a' })",
      b: "publish({ get: () => 'b' })",
      c: "var d = Libs.d; publish({ has: typeof d })",
      d: "var c = Libs.c; publish({ has: typeof c })",
    };

    expect(await answer("Bot.sendMessage(Libs.a.get() + Libs.c.has + Libs.d.has)", libs)).toBe("baobjectundefined");
  });

  test("one that names itself while it loads finds nothing, later itself", async () => {
    const libs = { me: "var early = typeof Libs.me; publish({ early, late: () => typeof Libs.me })" };

    expect(await answer("Bot.sendMessage(Libs.me.early + Libs.me.late())", libs)).toBe("undefinedobject");
  });

  test("one that is missing is undefined, and so is one that publishes nothing", async () => {
    expect(
      await answer(
        "Bot.sendMessage(typeof Libs.none + typeof Libs.quiet + typeof Libs.constructor + ('none' in Libs))",
        { quiet: "var a = 1" },
      ),
    ).toBe("undefinedundefinedundefinedfalse");
  });

  test("read and write properties by functions of their own", async () => {
    const libs = {
      l: "publish({ go() { setBotProperty('b', 1, 'integer'); setUserProperty('u', 'x', 'string'); return getBotProperty('b') + getUserProperty('u') + getUserProperty('no', 'd') } })",
    };

    const outcome = await run("Bot.sendMessage(Libs.l.go())", libs);

    expect(outcome.answer).toBe("1xd");
    expect([...outcome.writes.keys()]).toEqual(["b/b", "42/u"]);
  });

  test("may declare those names for themselves", async () => {
    const libs = {
      l: "const getUserProperty = () => 'own'; let setBotProperty = 1; publish({ go: () => getUserProperty() + typeof getBotProperty })",
    };

    expect(await answer("Bot.sendMessage(Libs.l.go())", libs)).toBe("ownfunction");
  });

  test("are sloppy: names come into being, this is the global object, require may be a local name", async () => {
    const libs = {
      l: "made = 1; function require(x) { return x } var json = { a: { b: 5 } }; publish({ r: require('r'), b: eval('json.' + 'a.b'), t: (function () { return typeof this.user })(), src: (function f() {}).toString() })",
    };

    expect(await answer("Bot.sendMessage([Libs.l.r, Libs.l.b, Libs.l.t, made, Libs.l.src].join())", libs)).toBe(
      "r,5,object,1,function f() {}",
    );
  });

  test("set fields on what they are handed, also where that is the call's own options", async () => {
    const bot = botOf(
      { "/start": "Libs.l.mark(options); Bot.sendMessage(options.user_id)" },
      { l: "publish({ mark: (o) => { o.user_id = user.id } })" },
    );

    expect((await yard.run(bot, { options: {} })).answer).toBe("42");
  });

  test("one that fails while it loads fails again when it is named again", async () => {
    expect(
      await answer("var n = 0; for (var i = 0; i < 2; i++) try { Libs.l } catch (e) { n++ } Bot.sendMessage(n)", {
        l: "throw new Error('no key')",
      }),
    ).toBe("2");
  });

  test("a broken one harms nobody who does not use it", async () => {
    expect(await answer("Bot.sendMessage(Libs.fine.x)", { broken: "let = ;", fine: "publish({ x: 1 })" })).toBe("1");
  });

  test.each(["} oops(); {", "}); (function () {"])("no text of one closes its function: %s", async (code) => {
    const { error } = await run("Libs.l", { l: code });

    expect(error).toMatchObject({
      message: "SyntaxError: Unexpected token '}'",
      file: "libs/l.js",
      line: 1,
      column: 1,
    });
  });

  test("cannot be put on the shelf by a script", async () => {
    expect(await answer("Libs.mine = { x: 1 }; Bot.sendMessage(typeof Libs.mine)", {})).toBe("undefined");
  });
});

describe("handlers", () => {
  const pay =
    "on('libOnPay', onPay); function onPay() { Bot.sendMessage(['paid', params, message, content, typeof options, user.first_name].join()) } publish({})";

  test("are found by the first word, the rest is params; @ and @@ run around them", async () => {
    const bot = botOf(
      { "@": "const A = 1; Bot.sendMessage('before')", "@@": "Bot.sendMessage('after ' + A)" },
      { pay },
    );

    const outcome = await yard.run(bot, { command: "libOnPay /done 5", content: "c", options: { a: 1 } });

    expect(texts(outcome)).toEqual(["before", "paid,/done 5,libOnPay /done 5,c,object,Ann", "after 1"]);
    expect(outcome.answer).toBe("after 1");
  });

  test("a return in @ stops them", async () => {
    expect(texts(await yard.run(botOf({ "@": "return" }, { pay }), { command: "libOnPay" }))).toEqual([]);
  });

  test("a command of that name wins, and so does one of its first word", async () => {
    const bot = botOf({ libOnPay: "Bot.sendMessage('command ' + params)" }, { pay });

    expect((await yard.run(bot, { command: "libOnPay 1" })).answer).toBe("command 1");
  });

  test("a handler wins over a command that is only spelt alike", async () => {
    const bot = botOf({ libonpay: "Bot.sendMessage('command')" }, { pay });

    expect((await yard.run(bot, { command: "libOnPay 1" })).answer).toMatch(/^paid,1,/);
  });

  test("are reached by Bot.runCommand with params and by Bot.run with options", async () => {
    const bot = botOf(
      {
        "/start": "Bot.runCommand('libOnPay a b'); Bot.run({ command: 'libOnPay c', options: { x: 1 }, user_id: 43 })",
      },
      { pay },
    );

    expect(texts(await yard.run(bot))).toEqual([
      "paid,a b,libOnPay a b,,undefined,Ann",
      "paid,c,libOnPay c,,object,Bob",
    ]);
  });

  test("a run that meets a library for the first time in its middle needs no second child", async () => {
    const busy = openYard({ processes: 1, limits: { runTimeoutMs: 3_000 } });
    try {
      const bot = botOf({ "/start": "Bot.runCommand('libOnPay 1')" }, { pay });

      const outcomes = await Promise.all([busy.run(bot), busy.run(bot), busy.run(bot)]);

      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ error: null, answer: "paid,1,libOnPay 1,,undefined,Ann" });
    } finally {
      busy.close();
    }
  });

  test("libraries that never end to load cost a run its time, not the yard", async () => {
    const short = openYard({ processes: 1, limits: { runTimeoutMs: 300 } });
    try {
      const bot = botOf(
        { "/start": "Bot.setProp('a', 1); Bot.runCommand('libOnPay 1')", "/fine": "Bot.sendMessage('fine')" },
        { loop: "for (;;); on('x', 1)" },
      );

      expect((await short.run(bot)).error).toMatchObject({ code: "script_timeout", command: "/start" });
      await expect(short.run(bot, { command: "unknown" })).rejects.toMatchObject({ code: "script_failed" });
      expect((await short.run(bot, { command: "/fine" })).answer).toBe("fine");
    } finally {
      short.close();
    }
  });

  test("a library that does not load takes no handler of another away", async () => {
    expect(
      (await yard.run(botOf({ "/start": "Bot.runCommand('libOnPay 1')" }, { bad: "on('x', f); let = ;", pay }))).answer,
    ).toMatch(/^paid,1/);
  });

  test("where a command is not found, the libraries that did not load are told as well", async () => {
    const bot = botOf({ "/start": "Bot.runCommand('hook')" }, { pay, bad: "on('hook', f); let = ;" });

    for (const { log } of [await yard.run(bot), await yard.run(bot)])
      expect(log).toEqual([
        { level: "error", text: "command not found: hook", command: "/start" },
        { level: "warn", text: "library bad did not load: Unexpected token ';'", command: "/start" },
      ]);
  });

  test("a library can do nothing while its handlers are only asked for", async () => {
    const l =
      "try { Bot.setProp('a', 1); Bot.sendMessage('x'); Bot.runCommand('/start') } catch (e) {} on('hook', () => Bot.sendMessage('hooked'))";
    const outcome = await yard.run(botOf({ "/start": "Bot.runCommand('nothing')" }, { l }));

    expect(outcome).toMatchObject({ error: null, answer: null, effects: [{ kind: "run" }] });
    expect(outcome.writes.size).toBe(0);
  });

  test("an error in one names the library's file and line", async () => {
    const { error } = await yard.run(botOf({ "@": "\n\n" }, { l: "on('hook', () => {\n  oops() })" }), {
      command: "hook",
    });

    expect(error).toMatchObject({
      message: "ReferenceError: oops is not defined",
      command: "hook",
      file: "libs/l.js",
      line: 2,
      column: 3,
    });
  });

  test("on('*') is selected by no text", async () => {
    const bot = botOf({ "/start": "Bot.runCommand('*')" }, { l: "on('*', () => Bot.sendMessage('star'))" });

    expect(await yard.run(bot)).toMatchObject({
      answer: null,
      log: [{ level: "error", text: "command not found: *" }],
    });
  });

  test("a handler that is no function says so", async () => {
    expect((await yard.run(botOf({}, { l: "on('hook', 5)" }), { command: "hook" })).error).toMatchObject({
      code: "script_failed",
      message: 'no library handles "hook" any more',
    });
  });
});

describe("Libs.Webhooks", () => {
  const url = async (options: string, libs: Record<string, string> = {}) => {
    const outcome = await run(`Bot.sendMessage(${options})`, libs);
    return outcome.error?.message ?? JSON.parse((outcome.answer ?? "").slice("https://yard.test/link?".length));
  };

  test("is built in, and wins over the file that a bot ships", async () => {
    expect(
      await url("Libs.Webhooks.getUrlFor({ command: '/a' })", { Webhooks: "publish({ getUrlFor: () => 'theirs' })" }),
    ).toEqual({ command: "/a" });
  });

  test("makes links of command, content, user_id and redirect_to; other keys are ignored", async () => {
    expect(
      await url(
        "Libs.Webhooks.getUrlFor({ command: '/a b 💰', content: 'x&y', user_id: user.id, redirect_to: 'https://a.example/', options: 1 })",
      ),
    ).toEqual({ command: "/a b 💰", content: "x&y", userId: 42, redirectTo: "https://a.example/" });
    expect(await url("Libs.Webhooks.getUrlFor({ command: 5, content: { a: 1 }, user_id: '42' })")).toEqual({
      command: "5",
      content: '{"a":1}',
      userId: 42,
    });
    expect(
      await url("Libs.Webhooks.getUrlFor({ command: '/a', content: '', user_id: '', redirect_to: null })"),
    ).toEqual({ command: "/a", content: "" });
    expect(await url("Libs.Webhooks.getUrl({ command: '/a', user_id: 42 })")).toEqual({ command: "/a", userId: 42 });
    expect(await url("Libs.Webhooks.getGlobalUrl({ command: '/a', user_id: 42 })")).toEqual({ command: "/a" });
  });

  test("once and exp: seconds from now, or a Date", async () => {
    const now = Date.now() / 1000;

    expect(await url("Libs.Webhooks.getUrlFor({ command: '/a', once: true, exp: new Date(2e12) })")).toEqual({
      command: "/a",
      once: true,
      exp: 2e9,
    });
    const { exp } = await url("Libs.Webhooks.getUrlFor({ command: '/a', exp: 60 })");
    expect(exp).toBeGreaterThanOrEqual(Math.floor(now + 60));
    expect(exp).toBeLessThan(now + 120);
  });

  test("leaves the object it is handed as it was", async () => {
    expect(await answer("var o = { command: '/a' }; Libs.Webhooks.getUrlFor(o); Bot.inspect(o)", {})).toBe(
      '{\n  "command": "/a"\n}',
    );
  });

  test.each([
    ["getUrlFor()", "Libs.Webhooks.getUrlFor needs a command"],
    ["getUrlFor({ command: '' })", "Libs.Webhooks.getUrlFor needs a command"],
    ["getGlobalUrl('x')", "Libs.Webhooks.getGlobalUrl needs a command"],
    ["getUrlFor({ command: '/a', user_id: 'abc' })", "Libs.Webhooks.getUrlFor: user_id is not the id of a user"],
    [
      "getUrlFor({ command: '/a', exp: 'soon' })",
      "Libs.Webhooks.getUrlFor: exp must be a number of seconds from now, or a Date",
    ],
    [
      "getUrlFor({ command: '/a', exp: new Date(NaN) })",
      "Libs.Webhooks.getUrlFor: exp must be a number of seconds from now, or a Date",
    ],
    [
      "getUrlFor({ command: '/a', human: true })",
      "Libs.Webhooks.getUrlFor({ human }) is not supported by this version of Botyard yet",
    ],
  ])("refuses %s", async (call, message) => {
    expect(await url(`Libs.Webhooks.${call}`)).toBe(message);
  });

  test("setApiKey does nothing and warns", async () => {
    expect(await run("Libs.Webhooks.setApiKey('k'); Bot.sendMessage('on')", {})).toMatchObject({
      answer: "on",
      log: [{ level: "warn" }],
    });
  });
});
