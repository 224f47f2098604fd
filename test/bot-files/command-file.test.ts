import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCommandFile } from "../../src/bot-files/command-file.ts";

const value = (text: string, key: string) => parseCommandFile(text).fields.get(key)?.value;

test("a file without a header is all script and starts on line 1", () => {
  const file = parseCommandFile('Bot.sendMessage("hi");\n');

  expect(file).toMatchObject({ code: 'Bot.sendMessage("hi");\n', codeLine: 1, flaws: [] });
  expect(file.fields.size).toBe(0);
});

test("the script starts on the line after the header and keeps its blank first line", () => {
  const file = parseCommandFile("/*CMD\n  command: /a\n  help: \nCMD*/\n\nreturn 1\n");

  expect(file.code).toBe("\nreturn 1\n");
  expect(file.codeLine).toBe(5);
});

test("a script on the line that ends the header starts on that line", () => {
  const file = parseCommandFile("/*CMD\n  command: /a\nCMD*/ return 1");

  expect(file).toMatchObject({ code: " return 1", codeLine: 3 });
});

test("the header ends at its own mark and not at the first end of a comment", () => {
  const text = "/*CMD\n  command: /a\n  help: send */ to stop\n  answer: 2 */ 3\nCMD*/\nx";

  expect(value(text, "help")).toBe("send */ to stop");
  expect(parseCommandFile(text).code).toBe("x");
});

test("a second header belongs to the script", () => {
  const second = "/*CMD\n  command: /b\nCMD*/\ny";

  const file = parseCommandFile(`/*CMD\n  command: /a\nCMD*/\n${second}`);

  expect(file.code).toBe(second);
  expect(file.fields.get("command")?.value).toBe("/a");
});

test("a block keeps its inner lines as they are and replaces the plain value", () => {
  const text =
    "/*CMD\n  command: /a\n  answer: short\n\n  <<ANSWER\n Hello: *you*\n\n  bye \n  ANSWER\n  aliases: b\nCMD*/\n";

  expect(value(text, "answer")).toBe(" Hello: *you*\n\n  bye ");
  expect(value(text, "aliases")).toBe("b");
  expect(parseCommandFile(text).flaws).toEqual([]);
});

test("a block replaces the plain value that stands below it", () => {
  expect(value("/*CMD\n<<ANSWER\nlong\nANSWER\nanswer: short\nCMD*/", "answer")).toBe("long");
});

test("a block with nothing but blank lines is empty", () => {
  expect(value("/*CMD\n  <<KEYBOARD\n\n  KEYBOARD\nCMD*/\n", "keyboard")).toBe("");
});

test("a block that is not closed goes on to the end of the header and is named", () => {
  const file = parseCommandFile("/*CMD\n  command: /a\n  <<ANSWER\n  help: x\nCMD*/\ncode");

  expect(file.fields.get("answer")?.value).toBe("  help: x\n");
  expect(file.flaws).toEqual([{ line: 3, message: expect.stringContaining("no line ANSWER") as string }]);
  expect(file.code).toBe("code");
});

test("line ends of Windows and of old Macs read the same", () => {
  const text = "/*CMD\n  command: /a\n  <<ANSWER\none\ntwo\n  ANSWER\nCMD*/\ncode";

  for (const end of ["\r\n", "\r"]) {
    const file = parseCommandFile(text.replaceAll("\n", end));

    expect(file.fields.get("command")?.value).toBe("/a");
    expect(file.fields.get("answer")?.value).toBe("one\ntwo");
    expect(file).toMatchObject({ code: "code", codeLine: 8 });
  }
});

test("a byte order mark is no part of the text", () => {
  expect(value("\uFEFF/*CMD\ncommand: /a\nCMD*/\nx", "command")).toBe("/a");
  expect(parseCommandFile("\uFEFFreturn").code).toBe("return");
});

test("blank lines before the header count as lines of the file", () => {
  expect(parseCommandFile("\n\n/*CMD\ncommand: /a\nCMD*/\nx")).toMatchObject({ code: "x", codeLine: 6 });
});

test("a value may hold colons, and an empty one is there", () => {
  const { fields } = parseCommandFile("/*CMD\n  answer: see https://example.test: now\n  help: \nCMD*/");

  expect(fields.get("answer")).toEqual({ value: "see https://example.test: now", line: 2, block: false });
  expect(fields.get("help")?.value).toBe("");
});

test("a header that is never ended leaves the whole file as script and says so", () => {
  const file = parseCommandFile("/*CMD\n  command: /a\nreturn 1");

  expect(file).toMatchObject({ code: "/*CMD\n  command: /a\nreturn 1", codeLine: 1 });
  expect(file.flaws).toHaveLength(1);
});

test("a comment that only resembles a header is script", () => {
  const file = parseCommandFile("/*CMDS are below CMD*/\nx");

  expect(file.code).toBe("/*CMDS are below CMD*/\nx");
  expect(file.fields.size).toBe(0);
});

test("keys of an object's prototype are keys like any other", () => {
  const { fields } = parseCommandFile("/*CMD\n  __proto__: a\n  constructor: b\nCMD*/");

  expect([...fields.keys()]).toEqual(["__proto__", "constructor"]);
});

test("a key that is given twice counts as it was given last, and is named", () => {
  const file = parseCommandFile("/*CMD\n  help: a\n  help: b\nCMD*/");

  expect(file.fields.get("help")?.value).toBe("b");
  expect(file.flaws).toEqual([{ line: 3, message: expect.stringContaining('"help"') as string }]);
});

test("any text is taken, and what is not header is script to the letter", () => {
  const piece = fc.constantFrom(
    "/*CMD",
    "CMD*/",
    "<<ANSWER",
    "ANSWER",
    "\n",
    "\r\n",
    "\r",
    " ",
    "command: /a",
    ":",
    "x",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
  );

  fc.assert(
    fc.property(text, (any) => {
      const { code, codeLine } = parseCommandFile(any);

      expect(any.endsWith(code)).toBe(true);
      const before = any.slice(0, any.length - code.length);
      expect(codeLine).toBeLessThanOrEqual(before.split(/\r\n|\r|\n/).length + 1);
    }),
  );
});

test("the script comes back as it was written below any header", () => {
  const line = fc.string().map((text) => text.replace(/[\r\n]|CMD\*\//g, ""));

  fc.assert(
    fc.property(fc.array(line), fc.string({ unit: "binary" }), (lines, code) => {
      const header = ["/*CMD", ...lines, "CMD*/", ""].join("\n");

      const file = parseCommandFile(header + code);

      expect(file.code).toBe(code);
      if (code !== "") expect(file.codeLine).toBe(lines.length + 3);
    }),
  );
});
