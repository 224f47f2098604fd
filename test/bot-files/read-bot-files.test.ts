import { expect, test } from "vitest";
import { readBotFiles } from "../../src/bot-files/read-bot-files.ts";
import type { BotFile, ImportNote } from "../../src/core/catalog.ts";
import { BOT_BYTES, COMMAND_NAME_CHARS, SOURCE_BYTES } from "../../src/core/limits.ts";

const botJson: BotFile = { path: "bot.json", text: '{"bb_sync_version":"1.0","name":"demo","csv_url":null}' };
const read = (...files: BotFile[]) => readBotFiles([botJson, ...files]);
const file = (path: string, text = ""): BotFile => ({ path, text });
const command = (header: string, path = "commands/x.js") =>
  read(file(path, `/*CMD\n${header}\nCMD*/\ncode`)).code?.commands[0];
const errors = (report: ImportNote[]) => report.filter((note) => note.level === "error");
const warnings = (report: ImportNote[]) => report.filter((note) => note.level === "warning");

test("a whole folder is read into commands and libraries, in byte order of their paths", () => {
  const { code, report } = read(
    file("libs/Rates.js", "publish({});"),
    file("commands/Shop/_buy.js", "/*CMD\n  command: /buy\n  need_reply: true\n  auto_retry_time: 120\nCMD*/\nbuy()"),
    file("commands/@.js", "let a = 1"),
  );

  expect(report).toEqual([]);
  expect(code?.name).toBe("demo");
  expect(code?.libs).toEqual([{ name: "Rates", code: "publish({});", file: "libs/Rates.js" }]);
  expect(code?.commands.map(({ name }) => name)).toEqual(["@", "/buy"]);
  expect(code?.commands[1]).toEqual({
    name: "/buy",
    aliases: [],
    help: "",
    answer: "",
    keyboard: "",
    need_reply: true,
    auto_retry_time: 120,
    folder: "Shop",
    group: "",
    code: "buy()",
    file: "commands/Shop/_buy.js",
    code_line: 6,
    head: "/*CMD\n  command: /buy\n  need_reply: true\n  auto_retry_time: 120\nCMD*/\n",
  });
  expect(code?.files).toEqual([botJson]);
});

test.each([
  ["commands/_start.js", "/start"],
  ["commands/_.js", "*"],
  ["commands/*.js", "*"],
  ["commands/@@.js", "@@"],
  ["commands/!.js", "!"],
  ["commands/👛 My wallet.js", "👛 My wallet"],
  ["commands/index.html.js", "index.html"],
  ["commands/pages /_a_b.js", "/a_b"],
  ["commands/__proto__.js", "/_proto__"],
])("without a header %s is the command %s", (path, name) => {
  expect(read(file(path, "x")).code?.commands[0]?.name).toBe(name);
});

test("the header's name wins over the file's, and an empty one does not", () => {
  expect(command("command: *", "commands/_start.js")?.name).toBe("*");
  expect(command("command: ", "commands/_start.js")?.name).toBe("/start");
});

test("names of an object's prototype are names like any other", () => {
  const { code } = read(file("commands/a.js", "/*CMD\ncommand: __proto__\nCMD*/"), file("libs/constructor.js", "x"));

  expect(code?.commands[0]?.name).toBe("__proto__");
  expect(code?.libs[0]?.name).toBe("constructor");
});

test("the folder comes from the header, else from the directory", () => {
  expect(command("folder: Shop", "commands/a.js")?.folder).toBe("Shop");
  expect(command("folder: ", "commands/Shop/a.js")?.folder).toBe("Shop");
  expect(command("folder: Other", "commands/Shop/a.js")?.folder).toBe("Other");
  expect(command("help: x", "commands/a/b/c.js")?.folder).toBe("a/b");
});

test("a blank at the end of a directory's name stays in the folder", () => {
  expect(command("folder: pages", "commands/pages /a.js")?.folder).toBe("pages ");
});

test("aliases are trimmed, lower-cased and given once", () => {
  expect(command("aliases: 💰 Balance , MENU,, menu")?.aliases).toEqual(["💰 balance", "menu"]);
});

test.each([
  ["true", true],
  ["TRUE", true],
  ["false", false],
  ["", false],
])("need_reply: %s is %s", (text, expected) => {
  expect(command(`need_reply: ${text}`)?.need_reply).toBe(expected);
});

test("values that are neither here nor there are taken as off, with the line", () => {
  const text = "/*CMD\n  command: /a\n  need_reply: maybe\n  auto_retry_time: -5\nCMD*/\n";

  const { code, report } = read(file("commands/a.js", text));

  expect(code?.commands[0]).toMatchObject({ need_reply: false, auto_retry_time: 0 });
  expect(warnings(report).map(({ file: path, line }) => [path, line])).toEqual([
    ["commands/a.js", 3],
    ["commands/a.js", 4],
  ]);
});

test("of two files with one name the first in byte order wins, and the warning names both", () => {
  // U+FF5E sorts after the emoji by UTF-16 units and before it by bytes
  const { code, report } = read(
    file("commands/🙂.js", "/*CMD\ncommand: /a\nCMD*/\nemoji"),
    file("commands/～.js", "/*CMD\ncommand: /a\nCMD*/\ntilde"),
  );

  expect(code?.commands.map((one) => one.code)).toEqual(["tilde"]);
  expect(warnings(report)).toEqual([
    {
      level: "warning",
      file: "commands/🙂.js",
      line: 2,
      message: expect.stringContaining("commands/～.js") as string,
    },
  ]);
  expect(code?.files.map(({ path }) => path)).toEqual(["bot.json", "commands/🙂.js"]);
});

test("a keyboard without an answer is named, one without labels is not", () => {
  const keyboardWarnings = (keyboard: string) =>
    warnings(read(file("commands/a.js", `/*CMD\n  keyboard: ${keyboard}\nCMD*/`)).report);

  expect(keyboardWarnings("Yes,No\\nBack")[0]?.message).toContain("keyboard");
  expect(keyboardWarnings(" , \\n ,")).toEqual([]);
});

test("a script that is not JavaScript is taken", () => {
  const page = "<html><body>{{x}}</body></html>";

  expect(read(file("commands/index.html.js", page)).code?.commands[0]?.code).toBe(page);
});

test("a shipped Webhooks library is kept, and the report says that the built-in one runs", () => {
  const old = "let API_URL = 'https://api.bots.business/v1/bots/'; url += '&public_user_token='";
  const { code, report } = read(file("commands/a.js"), file("libs/Webhooks.js", old));

  expect(code?.libs.map(({ name }) => name)).toEqual(["Webhooks"]);
  expect(report).toEqual([
    { level: "warning", file: "libs/Webhooks.js", line: 1, message: expect.stringContaining("built-in") as string },
  ]);
});

test("text that lies beside the scripts is kept and named, and nothing runs it", () => {
  const files = [file("commands/notes.txt", "a"), file("libs/README", "b"), file("libs/deep/x.js", "c")];

  const { code, report } = read(file("commands/a.js"), ...files);

  expect(code).toMatchObject({ commands: [{ name: "a" }], libs: [] });
  expect(code?.files).toEqual([botJson, ...files]);
  expect(report.map(({ level, file: path }) => [level, path])).toEqual(files.map(({ path }) => ["info", path]));
});

test("files that are no part of a bot are left out and named", () => {
  const { code, report } = read(
    file("commands/a.js"),
    file("README.md"),
    file("commands/.env"),
    file("libs/.vscode/tasks.json"),
    file("libs/data.bin", "\ud800"),
  );

  expect(code?.files).toEqual([botJson]);
  expect(report).toHaveLength(1);
  expect(report[0]?.message).toMatch(/^4 files .*README\.md/);
});

test.each([
  ["a Telegram bot token", `let t = "123456789:${"A".repeat(35)}"`],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
  ["a live key of Stripe", `sk_live_${"a1".repeat(12)}`],
  ["a key of AWS", `AKIA${"Z".repeat(16)}`],
  ["a key of Google", `AIza${"x".repeat(35)}`],
  ["a token of GitHub", `ghp_${"x".repeat(36)}`],
  ["a token of GitLab", `glpat-${"x".repeat(20)}`],
  ["a token of Slack", `xoxb-${"1".repeat(12)}`],
  ["a key of OpenAI", `sk-${"x1".repeat(20)}`],
  ["what looks like a key or a password", `setPrivateKey("${"0af1".repeat(16)}")`],
])("%s in the source is named with its line, and its value is not shown", (kind, line) => {
  const { report } = read(file("commands/a.js", `\n\r\n${line}\n`));

  expect(report).toEqual([
    { level: "warning", file: "commands/a.js", line: 3, message: expect.stringContaining(kind) as string },
  ]);
  expect(JSON.stringify(report)).not.toContain(line.slice(-12, -2));
});

test.each([
  'let apiKey = "put_your_api_key_of_the_service_here"',
  "let token = bot.token",
  "Bot.sendMessage('12345:short')",
  `let hash = "${"0af1".repeat(16)}"`,
])("%s is no secret", (line) => {
  expect(read(file("libs/A.js", line)).report.filter(({ level }) => level === "warning")).toHaveLength(1); // no commands
});

test("places that speak of links in their old form are named with their line", () => {
  const lines = [
    '"https://api.bots.business/v1/bots/" + bot.id',
    '"https://api.bots.business/web-payments/" + id',
    'url + "&public_user_token=" + token',
    '"/new-webhook?api_key=" + key',
  ];

  const { report } = read(file("commands/a.js", lines.join("\n")));

  expect(report.map(({ level, line }) => [level, line])).toEqual([
    ["info", 1],
    ["warning", 2],
    ["warning", 3],
    ["warning", 4],
  ]);
});

test("the key of another service's API is no old link", () => {
  expect(read(file("commands/a.js", 'HTTP.get({ url: "https://rates.test/?api_key=" + k })')).report).toEqual([]);
});

test("unknown keys of a header are named and ignored", () => {
  const { report } = read(file("commands/a.js", "/*CMD\ncommand: a\ncolour: red\nCMD*/"));

  expect(report).toEqual([
    { level: "info", file: "commands/a.js", line: 3, message: expect.stringContaining('"colour"') as string },
  ]);
});

test("a folder without commands is imported with a warning", () => {
  const { code, report } = read();

  expect(code?.commands).toEqual([]);
  expect(warnings(report)).toHaveLength(1);
});

test.each([
  ["missing", undefined, "bot.json is missing"],
  ["not JSON", "{", "bot.json is not JSON"],
  ["a list", "[]", "must hold an object"],
  ["without a version", '{"name":"x"}', "bb_sync_version"],
  ["of another version", '{"bb_sync_version":"2.0","name":"x"}', "bb_sync_version"],
  ["without a name", '{"bb_sync_version":"1.0"}', "name"],
  ["with a blank name", '{"bb_sync_version":"1.0","name":" "}', "blank"],
  ["with a name of control characters", '{"bb_sync_version":"1.0","name":"a\\u001b[2J"}', "control"],
  ["with a name that is no text", '{"bb_sync_version":"1.0","name":"\\ud800"}', "control"],
  ["nested past all measure", `{"a":${"[".repeat(200)}${"]".repeat(200)}}`, "nests deeper"],
])("a bot.json that is %s is an error", (_what, text, message) => {
  const files = [file("commands/a.js"), ...(text === undefined ? [] : [file("bot.json", text)])];

  const { code, report } = readBotFiles(files);

  expect(code).toBeNull();
  expect(errors(report)[0]?.message).toContain(message);
});

test.each([
  ["/etc/passwd.js", "absolute"],
  ["commands/../../x.js", ".."],
  ["../bot.json", ".."],
  ["commands/./x.js", "empty parts"],
  ["commands//x.js", "empty parts"],
  ["commands\\x.js", "backslash"],
  ["commands/x\0.js", "NUL"],
  ["commands/.git/hooks/x.js", "git"],
  ["commands/.GIT/x.js", "git"],
  ["libs/git~1/x.js", "git"],
  ["commands/\ud800.js", "well-formed"],
  [`commands/${"x".repeat(1_100)}.js`, "1024"],
  ["", "empty parts"],
])("the path %j is refused", (path, message) => {
  const { code, report } = read(file(path));

  expect(code).toBeNull();
  expect(errors(report)[0]?.message).toContain(message);
});

test("two files of one path are refused", () => {
  expect(errors(read(file("commands/a.js"), file("commands/a.js")).report)[0]?.message).toContain("two files");
});

test("bounds are held before anything is read", () => {
  const tooBig = read(file("commands/a.js", "é".repeat(SOURCE_BYTES / 2 + 1)));
  const tooMuch = read(
    ...Array.from({ length: BOT_BYTES / SOURCE_BYTES }, (_, i) => file(`commands/${i}.js`, "x".repeat(SOURCE_BYTES))),
  );
  const tooMany = read(...Array.from({ length: 5_000 }, (_, i) => file(`commands/${i}.js`)));
  const tooLong = read(file("commands/a.js", `/*CMD\ncommand: ${"x".repeat(COMMAND_NAME_CHARS + 1)}\nCMD*/`));
  const notText = read(file("commands/a.js", "'\udc00'"));

  const messages = [tooBig, tooMuch, tooMany, tooLong, notText].map(({ report }) => errors(report)[0]?.message);
  expect(messages).toEqual([
    expect.stringContaining(`${SOURCE_BYTES}`),
    expect.stringContaining(`${BOT_BYTES}`),
    expect.stringContaining("5001 files"),
    expect.stringContaining(`${COMMAND_NAME_CHARS}`),
    expect.stringContaining("well-formed"),
  ]);
});

test.each(["\u0001", '"', "\\"])("%j counts with all the bytes that it takes in a commit", (character) => {
  const files = Array.from({ length: 4 }, (_, i) => file(`commands/${i}.js`, character.repeat(SOURCE_BYTES)));

  expect(errors(read(...files).report)[0]?.message).toContain("as it is stored");
});

test("a report stays short however much there is to say, and keeps the first error", () => {
  const odd = Array.from({ length: 600 }, (_, i) => file(`commands/${i}.js`, "/*CMD\nneed_reply: ?\nCMD*/"));

  const { code, report } = read(...odd, file("commands/z.js", `/*CMD\ncommand: ${"x".repeat(600)}\nCMD*/`));

  expect(code).toBeNull();
  expect(errors(report)).toHaveLength(1);
  expect(report).toHaveLength(502);
  expect(report.at(-1)?.message).toContain("more notes");
});

test("a header of very many blocks is read in time that grows with its length only", () => {
  const text = `/*CMD\n${"<<A\nA\n".repeat(150_000)}CMD*/\nx`;

  expect(read(file("commands/a.js", text)).code?.commands[0]?.code).toBe("x");
});
