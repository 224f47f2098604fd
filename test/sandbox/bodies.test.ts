import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { botOf, command, openYard, type TestYard, texts } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

const run = async (commands: Record<string, string>, libs: Record<string, string> = {}) =>
  yard.run(botOf(commands, libs));
const errorOf = async (commands: Record<string, string>, libs: Record<string, string> = {}) =>
  (await run(commands, libs)).error;

describe("one body of @, command and @@", () => {
  test("what @ declares with const, let, function and class is seen by the command and by @@", async () => {
    const outcome = await run({
      "@": "const A = 1; let B = 2; function f() { return 3 } class C { x = 4 }",
      "/start": "B = 5; Bot.sendMessage([A, B, f(), new C().x].join())",
      "@@": "Bot.sendMessage('after ' + B)",
    });

    expect(texts(outcome)).toEqual(["1,5,3,4", "after 5"]);
  });

  test.each([
    [
      "@",
      { "@": "Bot.sendMessage('@'); return", "/start": "Bot.sendMessage('no')", "@@": "Bot.sendMessage('no')" },
      "@",
    ],
    [
      "the command",
      {
        "@": "",
        "/start": "Bot.sendMessage('c'); if (true) return; Bot.sendMessage('no')",
        "@@": "Bot.sendMessage('no')",
      },
      "c",
    ],
    ["@@", { "/start": "", "@@": "Bot.sendMessage('@@'); return; Bot.sendMessage('no')" }, "@@"],
  ])("a return in %s ends all that follows it", async (_, commands, last) => {
    const outcome = await run(commands);

    expect(outcome.error).toBeNull();
    expect(texts(outcome)).toEqual([last]);
  });

  test("a throw skips @@, which is no finally", async () => {
    const outcome = await run({ "/start": "throw 'x'", "@@": "Bot.sendMessage('no')" });

    expect(texts(outcome)).toEqual([]);
  });

  test("it is sloppy: names come into being, octals count, a name may be declared twice", async () => {
    const outcome = await run({
      "/start":
        "total = 010; function f() { return 1 } function f() { return 2 } Bot.sendMessage(total + f() + unescape('%41'))",
    });

    expect(texts(outcome)).toEqual(["10A"]);
  });

  test("the three texts are kept apart by line ends: a comment at the end of one hides nothing", async () => {
    const outcome = await run({
      "@": "var a = 1 // one",
      "/start": "Bot.sendMessage(a) // two",
      "@@": "Bot.sendMessage('end') // three",
    });

    expect(texts(outcome)).toEqual(["1", "end"]);
  });

  test.each([
    "} Bot.sendMessage('out'); {",
    "}); Bot.sendMessage('out'); (function () {",
    "*/ } {",
    "return }, function () {",
  ])("no text closes the function: %s", async (code) => {
    const alone = await run({ "/start": code });
    const between = await run({ "@": "", "/start": code, "@@": "" });

    for (const { error, effects } of [alone, between]) {
      expect(error).toMatchObject({ code: "script_failed", command: "/start", line: 1 });
      expect(error?.message).toMatch(/^SyntaxError: /);
      expect(effects).toEqual([]);
    }
  });

  test.each([
    ["a template", "var x = `", "`; Bot.sendMessage(x)"],
    ["a comment", "/* ", "*/ Bot.sendMessage('x')"],
    ["a bracket", "f(", ")"],
    ["a block", "if (true) {", "}"],
  ])("each text must parse alone: no %s goes from one into the next", async (_, first, second) => {
    const error = await errorOf({ "@": first, "/start": second });

    expect(error).toMatchObject({ code: "script_failed", command: "@", file: "commands/@.js" });
  });

  test("names that only meet in the joined body are told at their second place", async () => {
    const error = await errorOf({ "@": "let x = 1", "/start": "\n  let x = 2", "@@": "" });

    expect(error).toMatchObject({
      message: "SyntaxError: Identifier 'x' has already been declared",
      ...{ command: "/start", file: "commands/_start.js", line: 2, column: 7 },
    });
  });

  test("a broken @ stops every command with its own error, a broken command only itself", async () => {
    const broken = botOf({ "@": "let = ;", "/start": "Bot.sendMessage('x')", "/other": "oops(" });
    const fine = botOf({ "@": "", "/start": "Bot.sendMessage('x')", "/other": "oops(" });

    for (const name of ["/start", "/other"]) {
      const { error } = await yard.run(broken, { command: name });
      expect(error).toMatchObject({ command: "@", file: "commands/@.js", line: 1 });
    }
    expect((await yard.run(fine, { command: "/start" })).answer).toBe("x");
    expect((await yard.run(fine, { command: "/other" })).error).toMatchObject({ command: "/other" });
  });

  test("an unfinished text is blamed on its own end, not on a brace of ours", async () => {
    expect(await errorOf({ "/start": "oops(" })).toMatchObject({ message: "SyntaxError: Unexpected end of input" });
  });

  test.each(["<b>not a script</b>", "body { color: red }\n.a > b { }", "{{ name }} is {% if %}"])(
    "a text that is no script at all says so: %s",
    async (code) => {
      expect(await errorOf({ "/start": code })).toMatchObject({ code: "script_failed", command: "/start" });
    },
  );

  test("an empty command runs and does nothing", async () => {
    expect(await run({ "/start": "" })).toMatchObject({ error: null, effects: [], answer: null });
    expect(await run({ "@": "", "/start": "", "@@": "" })).toMatchObject({ error: null, effects: [] });
  });
});

describe("where an error lies", () => {
  const file = (code: string, code_line: number) => command("/start", code, { code_line, file: "commands/a/start.js" });

  test.each([
    ["on the first line", "oops()", 1, [1, 1]],
    ["on the first line below a header", "oops()", 9, [9, 1]],
    ["further down", "\n\n  oops()", 9, [11, 3]],
    ["after CRLF line ends", "var a = 1;\r\n\r\n  oops()", 9, [11, 3]],
    ["after a lone CR", "var a = 1;\r  oops()", 9, [10, 3]],
    ["after U+2028 and U+2029", "var a = 1;\u2028var b;\u2029  oops()", 9, [11, 3]],
    ["after a template of several lines", "var a = `\n\n`; oops()", 1, [3, 4]],
    ["in an eval", "var a;\neval('1;oops()')", 1, [2, 1]],
    ["in a function that is called elsewhere", "function f() {\n  oops()\n}\nf()", 1, [2, 3]],
    ["in a callback of the engine", "[1].forEach(function () {\n  oops() })", 1, [2, 3]],
  ])("a runtime error %s", async (_, code, headerEnd, [line, column]) => {
    const { error } = await yard.run(botOf([file(code, headerEnd)]));

    expect(error).toMatchObject({
      message: "ReferenceError: oops is not defined",
      ...{ command: "/start", file: "commands/a/start.js", line, column },
    });
  });

  test.each([
    ["on the first line", "foo bar", 1, [1, 5]],
    ["on the first line below a header", "foo bar", 9, [9, 5]],
    ["after CRLF line ends", "var a;\r\n\r\n  foo bar", 9, [11, 7]],
    ["after U+2028", "var a;\u2028var b;\n  foo bar", 9, [11, 7]],
    ["at the end of the text", "foo(\n\n", 9, [11, 1]],
  ])("a parse error %s", async (_, code, headerEnd, [line, column]) => {
    for (const around of [[], [command("@", "var at;\nvar at2;"), command("@@", "")]]) {
      const { error } = await yard.run(botOf([file(code, headerEnd), ...around]));

      expect(error).toMatchObject({ command: "/start", file: "commands/a/start.js", line, column });
      expect(error?.message).toMatch(/^SyntaxError: Unexpected/);
    }
  });

  const three = {
    "@": "var a;\r\nfunction at() {\n  oops() }",
    "/start": "var b;\u2028if (message === '/start') start()\nfunction start() { }",
    "@@": "\n\n oops()",
  };

  test("in @, also when the command calls it", async () => {
    const error = await errorOf({ ...three, "/start": "var b;\n  at()" });

    expect(error).toMatchObject({ command: "@", file: "commands/@.js", line: 3, column: 3 });
  });

  test("in the command behind an @ of several lines", async () => {
    const error = await errorOf({ ...three, "/start": "var b;\u2028\n  oops()" });

    expect(error).toMatchObject({ command: "/start", file: "commands/_start.js", line: 3, column: 3 });
  });

  test("in @@ behind both", async () => {
    expect(await errorOf(three)).toMatchObject({ command: "@@", file: "commands/@@.js", line: 3, column: 2 });
  });

  test("in @@ behind a text without a line of code", async () => {
    const error = await errorOf({ "@": "  \n ", "/start": "", "@@": "oops()" });

    expect(error).toMatchObject({ command: "@@", line: 1, column: 1 });
  });

  test("in a sub-command, though another command began the run", async () => {
    const error = await errorOf({ "/start": "Bot.runCommand('/sub')", "/sub": "\noops()" });

    expect(error).toMatchObject({ command: "/sub", file: "commands/_sub.js", line: 2, column: 1 });
  });

  test("in a library: its file and line, for what it throws and for what does not parse", async () => {
    const thrown = await errorOf(
      { "/start": "\nLibs.pay.go()" },
      { pay: "function go() {\n  oops() }\npublish({ go })" },
    );
    const loading = await errorOf({ "/start": "\nLibs.pay" }, { pay: "\n\n  oops()" });
    const broken = await errorOf({ "/start": "\nLibs.pay" }, { pay: "var a;\r\n  foo bar" });

    expect(thrown).toMatchObject({ command: "/start", file: "libs/pay.js", line: 2, column: 3 });
    expect(loading).toMatchObject({ command: "/start", file: "libs/pay.js", line: 3, column: 3 });
    expect(broken).toMatchObject({
      message: "SyntaxError: Unexpected identifier 'bar'",
      ...{ command: "/start", file: "libs/pay.js", line: 2, column: 7 },
    });
  });

  test("in a call of ours: the line of the author that made it", async () => {
    const error = await errorOf({ "/start": "var a;\n  Bot.setProperty('x', () => 1)" });

    expect(error).toMatchObject({ file: "commands/_start.js", line: 2, column: 7 });
    expect(error?.message).toBe('TypeError: property "x" cannot hold a function');
  });

  test("a comment that renames the source moves nothing", async () => {
    expect(await errorOf({ "/start": "//# sourceURL=bjs-lib-other\noops()" })).toMatchObject({
      file: "commands/_start.js",
      line: 2,
    });
  });
});

describe("names of ours that a body declares", () => {
  const all = "message params options user chat bot command request content data owner statistics";

  test.each(all.split(" "))("%s may be declared with let, const and class, and used from then on", async (name) => {
    for (const kind of [`let ${name} = 1`, `const ${name} = 1`, `class ${name} {}`, `function ${name}() {}`]) {
      const outcome = await run({ "@": "", "/start": `${kind}; Bot.sendMessage(typeof ${name})` });

      expect(outcome.error).toBeNull();
      expect(outcome.answer).toMatch(/^(number|function)$/);
    }
  });

  test.each([
    ["var user = user", "user.first_name", "Ann"],
    ["var chat = chat || {}", "chat.id", "7"],
    ["var message = message + '!'", "message", "/start!"],
    ["var a = 1, bot = bot", "bot.name", "testbot"],
    ["var user, chat, message, params", "[user.first_name, chat.id, message].join()", "Ann,7,/start"],
    ["var user\n, chat\n, message", "[user.first_name, chat.id, message].join()", "Ann,7,/start"],
    ["var [a, { user: chat }] = [1, { user: chat }]", "chat.id", "7"],
    ["if (false) { var user = null }", "user.first_name", "Ann"],
    ["for (var message in { a: 1 }) {}", "message", "a"],
    ["var { user } = { user: user }", "user.first_name", "Ann"],
    ["var\n  user\n", "user.first_name", "Ann"],
    ["var Bot = Bot", "typeof Bot.run", "function"],
    ["var inspect = inspect", "inspect(1)", "1"],
    ["var CryptoJS = CryptoJS || 0", "typeof CryptoJS.MD5", "function"],
  ])("what is declared with var starts with our value: %s", async (declared, shown, value) => {
    const outcome = await run({ "/start": `${declared}; User.sendMessage(${shown})` });

    expect(outcome.error).toBeNull();
    expect(outcome.answer).toBe(value);
  });

  test("@ declares with var, the command reads: still our value", async () => {
    const outcome = await run({
      "@": "var user = user; var options",
      "/start": "Bot.sendMessage(user.first_name + options)",
    });

    expect(outcome.answer).toBe("Annundefined");
  });

  test("a name is only taken from the globals where it is declared at the top", async () => {
    const outcome = await run(
      {
        "/start":
          "function f() { var params = 1; return params } f(); params = 'new'; Libs.l.show(); var x = { user: user, params }",
      },
      { l: "publish({ show: () => Bot.sendMessage(params) })" },
    );

    expect(outcome.answer).toBe("new");
  });

  test("with let the language's own rule holds: there is no value before the declaration", async () => {
    const error = await errorOf({ "/start": "let user = user" });

    expect(error?.message).toBe("ReferenceError: Cannot access 'user' before initialization");
  });

  test("a body that declares Bot itself uses its own", async () => {
    const outcome = await run({
      "/start": "const Bot = { sendMessage: (x) => User.sendMessage('mine ' + x) }; Bot.sendMessage(1)",
    });

    expect(outcome.answer).toBe("mine 1");
  });

  test("an own Bot without a member is not told of ours", async () => {
    const error = await errorOf({ "/start": "class Bot {}\nBot.sendMessage(1)" });

    expect(error?.message).toBe("TypeError: Bot.sendMessage is not a function");
  });
});

describe("names that come into being by assignment", () => {
  test("libraries see them, and what libraries assign", async () => {
    const outcome = await run(
      { "@": "LANG = 'en'", "/start": "Libs.l.set(); Bot.sendMessage(Libs.l.get() + own + params)" },
      { l: "publish({ get: () => LANG, set: () => { own = 'own'; params = 'p' } })" },
    );

    expect(outcome.answer).toBe("enownp");
  });

  test("sub-commands and later runs do not", async () => {
    const show = "Bot.sendMessage(typeof leak + typeof Array.prototype.leak + typeof String.leak)";
    const bot = botOf({
      "/start": "leak = 1; Array.prototype.leak = 1; String.leak = 1; Bot.runCommand('/sub')",
      "/sub": show,
    });

    expect((await yard.run(bot)).answer).toBe("undefinedundefinedundefined");
    expect((await yard.run(bot, { command: "/sub" })).answer).toBe("undefinedundefinedundefined");
  });

  test("what a script changes on its data is not there in a sub-command", async () => {
    const bot = botOf({
      "/start": "user.first_name = 'Eve'; message = 'x'; user = null; Bot.runCommand('/sub')",
      "/sub": "Bot.sendMessage(user.first_name + message)",
    });

    expect((await yard.run(bot)).answer).toBe("Ann/sub");
  });
});
