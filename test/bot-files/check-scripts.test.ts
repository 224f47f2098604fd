import { expect, test } from "vitest";
import { createCheckScripts } from "../../src/bot-files/check-scripts.ts";
import { readBotFiles } from "../../src/bot-files/read-bot-files.ts";
import type { BotFile } from "../../src/core/catalog.ts";

const check = createCheckScripts();
function codeOf(...files: BotFile[]) {
  const { code } = readBotFiles([{ path: "bot.json", text: '{"bb_sync_version":"1.0","name":"demo"}' }, ...files]);
  if (!code) throw new Error("not imported");
  return code;
}
const notes = (path: string, text: string) => check(codeOf({ path, text }));

test("scripts as the sandbox compiles them are nothing to speak of", async () => {
  const code = codeOf(
    { path: "commands/a.js", text: "if (!user) return\nwith ({}) { options = 1 }\nlet user = 2" },
    { path: "commands/b.js", text: "" },
    { path: "libs/L.js", text: "publish({ f: f })\nfunction f() { return arguments.callee }" },
  );

  expect(await check(code)).toEqual([]);
});

test("a script that does not parse is named with the line of its file", async () => {
  expect(await notes("commands/a.js", "/*CMD\n  command: /a\nCMD*/\n\nlet x = 1\nlet y = ;\n")).toEqual([
    {
      ...{ level: "warning", file: "commands/a.js", line: 6 },
      message: expect.stringContaining("Unexpected token") as string,
    },
  ]);
});

test("a library that does not parse is named too", async () => {
  expect(await notes("libs/L.js", "\n\n}")).toMatchObject([{ file: "libs/L.js", line: 3 }]);
});

test.each([
  ["commands/index.html.js", "hello <% user %>"],
  ["commands/style.css.js", "body { color: red }"],
  ["commands/page.js", "\n  <div>{{x}}</div>"],
])("%s is named as a template", async (path, text) => {
  expect(await notes(path, text)).toEqual([
    { level: "info", file: path, line: 1, message: expect.stringContaining("template") as string },
  ]);
});

test("a template that is JavaScript is nothing to speak of", async () => {
  expect(await notes("commands/app.js.js", "let x = 1")).toEqual([]);
});

test("nothing of a script is run", async () => {
  expect(await notes("commands/a.js", "process.exit(1); while (true);")).toEqual([]);
});

test("source that breaks the parser is an unknown, and the next look works", async () => {
  const impatient = createCheckScripts({ timeoutMs: 1 });

  const [late, deep] = await Promise.all([
    impatient(codeOf({ path: "commands/a.js", text: "let x" })),
    notes("commands/a.js", "(".repeat(900_000)),
  ]);

  expect(late).toEqual([
    { level: "warning", file: null, line: null, message: expect.stringContaining("could not be found out") as string },
  ]);
  expect(deep).toHaveLength(1);
  expect(await notes("commands/a.js", "}")).toHaveLength(1);
});
