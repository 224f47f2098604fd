import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readBotFiles } from "../../src/bot-files/read-bot-files.ts";
import { readFolder } from "../../src/bot-files/read-folder.ts";

const demo = fileURLToPath(new URL("../../sandbox/templates/demo", import.meta.url));

test("the demo bot imports without a word of complaint, and its scripts are JavaScript", async () => {
  const { code, report } = readBotFiles((await readFolder(demo)).files);

  expect(report).toEqual([]);
  expect(code?.commands.map(({ name }) => name)).toEqual(["@", "/hello", "/link"]);
  for (const command of code?.commands ?? []) expect(() => new Function(command.code)).not.toThrow();
});
