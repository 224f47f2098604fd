import fc from "fast-check";
import { expect, test } from "vitest";
import { readBotFiles } from "../src/bot-files/read-bot-files.ts";
import type { BotFile, ImportNote } from "../src/core/catalog.ts";
import { createDeploy } from "../src/deploy.ts";
import { anyFiles, BOT_JSON, exported } from "./bot-files/any-folder.ts";
import { codeOf, createYard } from "./catalog/yard.ts";

function open(notes: ImportNote[] = []) {
  const yard = createYard();
  return { ...yard, ...createDeploy({ catalog: yard.catalog, checkScripts: () => Promise.resolve(notes) }) };
}
const command = (path: string, header: string, code = "x"): BotFile => ({
  path,
  text: `/*CMD\n${header}\nCMD*/\n${code}`,
});

test("whatever is imported is exported byte for byte, and a restore brings it back the same way", async () => {
  await fc.assert(
    fc.asyncProperty(anyFiles, anyFiles, async (some, others) => {
      const [first, second] = [
        [BOT_JSON, ...some],
        [BOT_JSON, ...others],
      ];
      fc.pre(readBotFiles(first).code !== null && readBotFiles(second).code !== null);
      const yard = open();

      await yard.importBot(first);
      const before = await yard.catalog.source(1);
      await yard.importBot(second, 1);
      const changed = await yard.exportBot(1);
      if ((await yard.catalog.bot(1))?.version === 2) await yard.catalog.restoreBot(1);

      expect(changed).toEqual(exported(second));
      expect(await yard.exportBot(1)).toEqual(exported(first));
      expect((await yard.catalog.source(1))?.commands).toEqual(before?.commands);
    }),
    { numRuns: 100 },
  );
});

test("a trial says what an import then does, and changes nothing", async () => {
  const yard = open();
  await yard.importBot([
    BOT_JSON,
    command("commands/a.js", "command: /a\nhelp: old"),
    command("commands/b.js", "command: /b"),
    { path: "libs/L.js", text: "1" },
    { path: "commands/notes.txt", text: "1" },
  ]);
  const before = await yard.values(1);
  const files = [
    { ...BOT_JSON, text: '{"bb_sync_version":"1.0","name":"renamed"}' },
    command("commands/a.js", "command: /a\nhelp: new", "y"),
    command("commands/c.js", "command: /c"),
    { path: "libs/L.js", text: "2" },
    { path: "libs/README", text: "1" },
  ];

  const trial = await yard.tryImport(files, 1);
  const after = await yard.values(1);
  const done = await yard.importBot(files, 1);

  expect(trial.changes).toEqual({
    name: { from: "demo", to: "renamed" },
    commands: {
      added: [{ name: "/c", file: "commands/c.js" }],
      changed: [{ name: "/a", file: "commands/a.js", fields: ["help", "code", "head"] }],
      removed: [{ name: "/b", file: "commands/b.js" }],
    },
    libs: { added: [], changed: [{ name: "L", file: "libs/L.js", fields: ["code"] }], removed: [] },
    files: { added: ["libs/README"], changed: ["bot.json"], removed: ["commands/notes.txt"] },
  });
  expect(after).toEqual(before);
  expect(done).toMatchObject(trial);
});

test("what is found out about the scripts stands in the report", async () => {
  const note: ImportNote = { level: "warning", file: "commands/a.js", line: 5, message: "does not parse" };
  const yard = open([note]);

  expect((await yard.importBot([BOT_JSON, command("commands/a.js", "command: /a")])).report).toEqual([note]);
});

test("many faults are named up to a number, and the rest is counted", async () => {
  const files = Array.from({ length: 30 }, (_, i) => ({ path: `commands/../${i}.js`, text: "" }));

  const refusal = await open()
    .importBot([BOT_JSON, ...files])
    .catch((error: unknown) => (error instanceof Error ? error.message : ""));

  expect(refusal).toMatch(/^nothing was imported\. commands\/\.\.\/0\.js: .*; and 10 more$/);
});

test("a bot that is not there takes no import and has no files", async () => {
  const { importBot, tryImport, exportBot } = open();
  const files = [BOT_JSON, command("commands/a.js", "command: /a")];

  expect(await Promise.all([importBot(files, 9), tryImport(files, 9), exportBot(9)].map(codeOf))).toEqual([
    ...["bot_not_found", "bot_not_found", "bot_not_found"],
  ]);
});
