import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ann, botOf, type Call, command, openYard, type TestYard, texts } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

/** The value of an expression, as JSON holds it. */
async function value(expression: string, call: Call = {}): Promise<unknown> {
  const outcome = await yard.script(
    `Bot.sendMessage(JSON.stringify({ is: ${expression} }), { parse_mode: "HTML" })`,
    call,
  );
  if (outcome.error) throw new Error(outcome.error.message);
  return JSON.parse(outcome.answer ?? "").is;
}

const DATA = `message params options user chat bot command request tgUpdate content http_status http_headers cookies
  completed_commands_count owner admins iteration_quota payment_plan BB_API_URL statistics data`.split(/\s+/);
const GIVEN =
  `inspect CryptoJS CurrencyQuote List RunAllTask Libs ResLib RefLib CommonLib TopBoardLib SmartBot SmartTasker
  SmartAmountDialog GoogleAnalytics BBAdmin Bot User Api HTTP Http WebApp AdminPanel console btoa atob Proxy`.split(
    /\s+/,
  );
const ABSENT = `sleep lang BB Chat fetch require setTimeout setInterval setImmediate queueMicrotask Buffer process
  WebAssembly global window self document module exports publish on $start $host $job`.split(/\s+/);

describe("names", () => {
  test.each([
    ["a user's call", {}],
    ["a call without a user", { user: null }],
    ["a call over HTTP", { fromHttp: true, options: { headers: {} } }],
    ["a sub-command", { command: "/outer" }],
    ["a library's handler", { command: "handled" }],
  ])("every name of the platform can be read bare in %s", async (_, call) => {
    const code = `var missing = []; ${[...DATA, ...GIVEN].map((name) => `try { ${name} } catch (e) { missing.push('${name}') }`).join(";")}; Bot.sendMessage(missing.join())`;
    const bot = botOf(
      { "/start": code, "/outer": "Bot.runCommand('/start')" },
      { l: `on("handled", function () { ${code} })` },
    );

    expect((await yard.run(bot, call)).answer).toBe("");
  });

  test.each(ABSENT)("%s does not exist", async (name) => {
    const { error } = await yard.script(`\n${name}`);

    expect(error).toMatchObject({ message: `ReferenceError: ${name} is not defined`, line: 2 });
  });

  test("what is not there is undefined", async () => {
    const expression =
      "[user, chat, options, request, tgUpdate, http_status, http_headers, cookies].map((x) => typeof x)";

    expect(new Set((await value(expression, { user: null })) as string[])).toEqual(new Set(["undefined"]));
    expect(await value("typeof command", {})).toBe("object");
  });

  test("in a library's handler there is no command", async () => {
    const bot = botOf({ "/start": "" }, { l: `on("handled", () => Bot.sendMessage(typeof command + '|' + params))` });

    expect((await yard.run(bot, { command: "handled a b" })).answer).toBe("undefined|a b");
  });

  test("Http is HTTP", async () => {
    expect(await value("Http === HTTP")).toBe(true);
  });
});

describe("values", () => {
  test("who, where and what: user, chat, bot, command, message", async () => {
    const bot = botOf([
      command("/start", "Bot.inspect({ user, chat, bot, command, message, params })", {
        folder: "menu",
        help: "h",
        aliases: ["a", "b"],
      }),
    ]);

    const shown = JSON.parse((await yard.run(bot, { command: "/start a  b" })).answer ?? "");

    expect(shown.user).toMatchObject({
      id: 42,
      telegramid: 4200,
      first_name: "Ann",
      last_name: "",
      username: "ann",
      language_code: "en",
    });
    expect(shown.chat).toMatchObject({ id: 7, chatid: 4200, bot_id: 1, chat_type: "private", user_id: 42 });
    expect(shown.bot).toMatchObject({ id: 1, name: "testbot", status: "works" });
    expect(shown.command).toMatchObject({
      id: 1,
      name: "/start",
      folder: "menu",
      help: "h",
      aliases: "a, b",
      need_reply: false,
    });
    expect(shown).toMatchObject({ message: "/start a  b", params: "a  b" });
  });

  test("options are falsy and content empty where somebody typed the command", async () => {
    expect(await value("[!options, content, params, completed_commands_count]")).toEqual([true, "", "", 0]);
  });

  test("options and content of a call", async () => {
    const call = { options: { a: { b: [1, null] }, __proto__x: 1 }, content: "a=1&b=😊" };

    expect(await value("[options.a, content]", call)).toEqual([{ b: [1, null] }, "a=1&b=😊"]);
  });

  test("a key that is called __proto__ is a key", async () => {
    const options = JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}');

    expect(await value("[options.admin, Object.keys(options), ({}).admin]", { options })).toEqual([
      null,
      ["__proto__", "constructor"],
      null,
    ]);
  });

  test("data is the old umbrella over five of them", async () => {
    const shown = await value(
      "[data.message, data.content, data.user.first_name, data.chat.id, typeof data.statistics]",
      { content: "c" },
    );

    expect(shown).toEqual(["/start", "c", "Ann", 7, "object"]);
    expect(await value("[typeof data.user, typeof data.chat]", { user: null })).toEqual(["undefined", "undefined"]);
  });

  test("the bot's token is a text that stands for it", async () => {
    expect(await value("bot.token")).toBe("botyard-token-of-bot-1");
  });

  test("quota and plan are generous, the API's host is ours", async () => {
    expect(
      await value(
        "[iteration_quota.limit - iteration_quota.progress > 1e6, typeof payment_plan, BB_API_URL, Array.isArray(admins), typeof owner]",
      ),
    ).toEqual([true, "object", "yard.test", true, "object"]);
  });

  test("data globals are plain: they can be changed, replaced and given fields", async () => {
    const names = DATA.map(
      (name) => `${name} = '${name}'; delete globalThis.${name} || bad.push('delete ${name}')`,
    ).join(";");

    expect(
      await value(
        `(() => { var bad = []; user.x = 1; if (user.x !== 1) bad.push('field'); message = 'm'; if (message !== 'm') bad.push('set'); ${names}; return bad })()`,
      ),
    ).toEqual([]);
  });

  test("the seven roots and their functions are frozen; a write to them is ignored", async () => {
    const roots = ["Bot", "User", "Api", "HTTP", "Http", "Libs", "WebApp", "AdminPanel"];
    const shown = await value(
      `[${roots.map((root) => `(() => { var was = ${root}; ${root} = 1; ${root}.x = 1; return ${root} === was && Object.isFrozen(${root}) })()`).join()}]`,
    );
    const functions = await value(
      "[Bot.sendMessage, Bot.getProperty, User.setProp, HTTP.get, WebApp.render, AdminPanel.setPanel, Libs.Webhooks.getUrlFor].map((f) => { f.x = 1; return f.x === undefined && Object.isFrozen(f) })",
    );

    expect(new Set(shown as boolean[])).toEqual(new Set([true]));
    expect(new Set(functions as boolean[])).toEqual(new Set([true]));
  });

  test("a script that replaces builtins breaks only itself", async () => {
    const tamper =
      "JSON.stringify = () => 'x'; JSON.parse = () => 0; Array.prototype[Symbol.iterator] = null; String.prototype.split = null; Object.keys = null; Reflect.apply = null; ";
    const bot = botOf(
      {
        "/start": `${tamper} Bot.setProperty('a', { b: 1 }); Bot.sendMessage(Bot.getProperty('a').b); Bot.runCommand('/sub'); Bot.sendMessage(Libs.l.x)`,
        "/sub": "Bot.sendMessage(JSON.stringify([1]))",
      },
      { l: "publish({ x: 5 })" },
    );

    const outcome = await yard.run(bot);

    expect(outcome.error).toBeNull();
    expect(texts(outcome)).toEqual(["1", "[1]", "5"]);
  });
});

describe("headers", () => {
  const call: Call = { fromHttp: true, options: { headers: { Hmac: "a", "X-Hub-Signature-256": "b" } } };

  test("any letter case reads the same header, only its own is listed", async () => {
    const shown = await value(
      "[options.headers.Hmac, options.headers.hmac, options.headers['x-hub-SIGNATURE-256'], 'HMAC' in options.headers, options.headers.other, Object.keys(options.headers), JSON.stringify(options.headers)]",
      call,
    );

    expect(shown).toEqual([
      "a",
      "a",
      "b",
      true,
      null,
      ["Hmac", "X-Hub-Signature-256"],
      '{"Hmac":"a","X-Hub-Signature-256":"b"}',
    ]);
  });

  test("they can be written, and copied into the options of a sub-command", async () => {
    const bot = botOf({
      "/start": "options.headers.New = 'n'; delete options.headers.Hmac; Bot.run({ command: '/sub', options })",
      "/sub": "Bot.inspect(options)",
    });

    expect(JSON.parse((await yard.run(bot, call)).answer ?? "")).toEqual({
      headers: { "X-Hub-Signature-256": "b", New: "n" },
    });
  });

  test("names of Object.prototype are no headers", async () => {
    expect(await value("[options.headers.CONSTRUCTOR, options.headers.__PROTO__]", call)).toEqual([null, null]);
  });

  test("a call over HTTP without options or headers is a call all the same", async () => {
    expect(await value("typeof options", { fromHttp: true })).toBe("undefined");
    expect(await value("typeof options.headers", { fromHttp: true, options: {} })).toBe("undefined");
  });
});

describe("the language", () => {
  test.each([
    [
      "class fields, ??=, spread and destructuring",
      "(() => { class A { private\n x = 1 } let a = null; a ??= new A(); const { x, ...rest } = { x: a.x, y: 2 }; return [x, rest.y, ...[3]] })()",
      [1, 2, 3],
    ],
    ["regular expressions made of data", "'a.b'.replace(new RegExp('\\\\.', 'g'), '-')", "a-b"],
    [
      "Set, Map, flatMap and generators of them",
      "[...new Set([1, 1]), ...[[2]].flatMap((x) => x), new Map([[1, 3]]).get(1)]",
      [1, 2, 3],
    ],
    ["time zones", "new Date(0).toLocaleString('en-GB', { timeZone: 'Asia/Kolkata' })", "01/01/1970, 05:30:00"],
    ["a clock in UTC", "new Date(2026, 0, 1).toISOString()", "2026-01-01T00:00:00.000Z"],
    ["eval of an expression on a local", "(() => { var json = { a: { b: 5 } }; return eval('json.' + 'a.b') })()", 5],
    ["the source of a function", "(function f() { return 1 }).toString()", "function f() { return 1 }"],
    ["Proxy", "new Proxy({}, { get: () => 5 }).x", 5],
    ["escape and unescape", "unescape(escape('ä'))", "ä"],
  ])("has %s", async (_, expression, expected) => {
    expect(await value(expression)).toEqual(expected);
  });
});

test("a user without names is a user", async () => {
  const outcome = await yard.script("Bot.sendMessage('[' + user.last_name + user.first_name + ']')", {
    user: { ...ann, first_name: "" },
  });

  expect(outcome.answer).toBe("[]");
});
