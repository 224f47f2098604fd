import fc from "fast-check";
import { expect, test } from "vitest";
import { readBotFiles } from "../../src/bot-files/read-bot-files.ts";
import { writeBotFiles } from "../../src/bot-files/write-bot-files.ts";
import type { Command } from "../../src/core/bot.ts";
import type { BotFile, BotSource } from "../../src/core/catalog.ts";
import { AppError } from "../../src/core/errors.ts";
import { anyFiles, BOT_JSON, exported } from "./any-folder.ts";

const at = "2026-01-01T00:00:00.000Z";
const meta = { id: 1, name: "demo", version: 1, disabled: false, owner_id: null, created_at: at, updated_at: at };
const botJson = BOT_JSON;

/** A bot as it is stored after an import of these files. */
function stored(files: readonly BotFile[]): BotSource {
  const { code, report } = readBotFiles(files);
  if (!code) throw new Error(JSON.stringify(report));
  const commands = code.commands.map((command, i): Command => ({ id: i + 1, ...command }));
  return { meta: { ...meta, name: code.name }, commands, libs: code.libs, files: code.files };
}

/** The files of a bot of one command that was made or changed here, not in a file. */
function written(change: Partial<Command>, text = "/*CMD\n  command: /a\nCMD*/\ncode", more: BotFile[] = []) {
  const bot = stored([botJson, { path: "commands/_a.js", text }, ...more]);
  return writeBotFiles({ ...bot, commands: bot.commands.map((command) => ({ ...command, ...change })) });
}

const inOrder = (files: readonly BotFile[]) =>
  [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));

test.each([
  ["keys in another order", "/*CMD\n  aliases: x\n  command: /a\nCMD*/\n\ncode\n"],
  ["CRLF", "/*CMD\r\n  command: /a\r\n  help: \r\nCMD*/\r\n\r\ncode\r\n"],
  ["a byte order mark", "\uFEFF/*CMD\ncommand: /a\nCMD*/\ncode"],
  ["blank lines and no indent", "\n\n/*CMD   \ncommand:/a\n\n\nfolder:\n   CMD*/   \ncode"],
  ["unknown and repeated keys", "/*CMD\n  id: 12\n  command: /b\n  command: /a\n  junk\nCMD*/\n"],
  ["blocks", "/*CMD\n  command: /a\n\n  <<ANSWER\n\n x \n  ANSWER\n    <<KEYBOARD\n\n  KEYBOARD\nCMD*/\n"],
  ["a script on the header's line", "/*CMD\n  command: /a\nCMD*/ code"],
  ["a header that nothing ends", "/*CMD\n  command: /a\n"],
  ["no header", "code\n/*CMD\nCMD*/"],
  ["nothing", ""],
  ["U+2028 and lone CR", "/*CMD\r  command: /a\rCMD*/\rcode\u2028"],
])("a file with %s comes back byte for byte", (_what, text) => {
  const files = inOrder([botJson, { path: "commands/ /_a.js", text }, { path: "libs/L.js", text }]);

  expect(writeBotFiles(stored(files))).toEqual(files);
});

test("files that nothing runs come back too", () => {
  const files = inOrder([
    botJson,
    { path: "commands/a.js", text: "/*CMD\ncommand: /x\nCMD*/\nfirst" },
    { path: "commands/b.js", text: "/*CMD\ncommand: /x\nCMD*/\nsecond" },
    { path: "commands/notes.txt", text: "note" },
    { path: "libs/README", text: "libs" },
    { path: "libs/deep/x.js", text: "deep" },
  ]);

  expect(writeBotFiles(stored(files))).toEqual(files);
});

test("any folder that can be imported comes back byte for byte", () => {
  fc.assert(
    fc.property(anyFiles, (some) => {
      fc.pre(readBotFiles([botJson, ...some]).code !== null);

      expect(writeBotFiles(stored([botJson, ...some]))).toEqual(exported([botJson, ...some]));
    }),
    { numRuns: 400 },
  );
});

test("a command that was changed gets a header in the order of an export", () => {
  const files = written({
    ...{ help: "what it does", answer: "Hello\n*you*", keyboard: "Yes,No", aliases: ["hi", "ho"] },
    ...{ need_reply: true, auto_retry_time: 60, folder: "Shop", group: "vip", code: "\nnew code" },
  });

  expect(files).toContainEqual({
    path: "commands/_a.js",
    text: [
      ...["/*CMD", "  command: /a", "  help: what it does", "  need_reply: true", "  auto_retry_time: 60"],
      ...["  folder: Shop", "", "  <<ANSWER", "Hello", "*you*", "  ANSWER", "  keyboard: Yes,No"],
      ...["  aliases: hi, ho", "  group: vip", "CMD*/", "", "new code"],
    ].join("\n"),
  });
});

test("where only the script was changed the header stays as it was written", () => {
  const files = written({ code: "\r\nother" }, "/*CMD\r\n  junk\r\ncommand: /a\r\nCMD*/\r\n\r\ncode");

  expect(files).toContainEqual({
    path: "commands/_a.js",
    text: "/*CMD\r\n  junk\r\ncommand: /a\r\nCMD*/\r\n\r\nother",
  });
});

test.each([
  [{ name: "/start", folder: "" }, "commands/_start.js"],
  [{ name: "*", folder: "" }, "commands/_.js"],
  [{ name: "a:b/c", folder: "" }, "commands/a_b_c.js"],
  [{ name: "🔩 x", folder: "pages " }, "commands/pages /🔩 x.js"],
  [{ name: "..", folder: "../up" }, "commands/_..js"],
  [{ name: "é".repeat(200), folder: "" }, `commands/${"é".repeat(60)}.js`],
])("a command made here (%j) lies in %s", (change, expected) => {
  const files = written({ ...change, file: "", head: undefined } as Partial<Command>);

  expect(files.map((file) => file.path)).toContain(expected);
});

test("two commands whose names make one path lie in two files", () => {
  const bot = stored([botJson, { path: "commands/_a.js", text: "x" }]);
  const [first] = bot.commands;
  if (!first) throw new Error("no command");
  const { head: _, ...made } = { ...first, id: 2, name: ":a", file: "" };

  const files = writeBotFiles({ ...bot, commands: [first, made] });

  expect(files.map((file) => file.path)).toEqual(["bot.json", "commands/_a 2.js", "commands/_a.js"]);
});

const texts = fc.string({
  unit: fc.constantFrom("a", " ", "\n", "\r", ":", "*/", "\t", "<<X", "\u2028"),
  maxLength: 12,
});
const changes = fc.record({
  ...{ name: texts.filter((name) => name.trim() !== ""), help: texts, answer: texts, keyboard: texts },
  ...{ folder: texts.filter((folder) => folder === folder.trim()), group: texts, code: texts },
  ...{ need_reply: fc.boolean(), auto_retry_time: fc.nat(1_000) },
  aliases: fc.uniqueArray(fc.constantFrom("a", "b c", "é"), { maxLength: 2 }),
});

test("whatever is exported is imported as the same bot again", () => {
  const plain = (value: unknown) =>
    typeof value === "string" ? value.replace(/\r\n?/g, "\n").replace(/^\s+$/, "") : value;
  fc.assert(
    fc.property(changes, (change) => {
      let files: BotFile[];
      try {
        files = written({ ...change, head: undefined } as Partial<Command>);
      } catch (error) {
        expect(error).toMatchObject({ code: "export_invalid" });
        return;
      }
      const [command] = stored(files).commands;
      expect(command?.code).toBe(change.code);
      for (const [key, value] of Object.entries(change))
        if (key !== "code") expect(plain(command?.[key as keyof Command])).toEqual(plain(value));
    }),
    { numRuns: 400 },
  );
});

test.each([
  ["answer", { answer: "one\n CMD*/ two" }],
  ["answer", { answer: "one\n ANSWER \ntwo" }],
  ["help", { help: "CMD*/" }],
  ["keyboard", { keyboard: "a\nKEYBOARD" }],
  ["name", { name: "x CMD*/" }],
])("a value that would end the header or its block is refused, naming the command (%s)", (member, change) => {
  const name = "name" in change ? change.name : "/a";
  let refused: unknown;
  try {
    written(change);
  } catch (error) {
    refused = error;
  }

  expect(refused).toBeInstanceOf(AppError);
  expect(refused).toMatchObject({
    code: "export_invalid",
    message: expect.stringContaining(`its ${member}`) as string,
  });
  expect(String(refused)).toContain(JSON.stringify(name));
});

test("a renamed bot keeps the other members of its bot.json", () => {
  const bot = stored([botJson, { path: "commands/a.js", text: "" }]);

  const [file] = writeBotFiles({ ...bot, meta: { ...bot.meta, name: "renamed" } });

  expect(JSON.parse(file?.text ?? "")).toEqual({ name: "renamed", bb_sync_version: "1.0", x: 1 });
});

test("a bot that came without files gets a bot.json", () => {
  const files = writeBotFiles({ meta, commands: [], libs: [], files: [] });

  expect(files.map(({ path: name }) => name)).toEqual(["bot.json"]);
  expect(readBotFiles(files).code?.name).toBe("demo");
});

test("a file that lost its name to a command is left out once that command is gone or renamed", () => {
  const loser = { path: "commands/b.js", text: "/*CMD\ncommand: /a\nCMD*/\nloser" };

  expect(written({}, undefined, [loser]).map((file) => file.path)).toContain("commands/b.js");
  expect(written({ name: "/other" }, undefined, [loser]).map((file) => file.path)).not.toContain("commands/b.js");
});
