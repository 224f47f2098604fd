import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFolder } from "../../src/bot-files/read-folder.ts";
import { SOURCE_BYTES } from "../../src/core/limits.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "botyard-folder-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = (path: string, content: string | Buffer = "x") => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const refusal = (from: string = folder) =>
  readFolder(from).then(
    () => "not refused",
    (error: unknown) => (error instanceof Error ? error.message : ""),
  );

test("reads bot.json and what lies below commands and libs, and nothing else", async () => {
  put("bot.json", "{}");
  put("commands/_start.js", "a");
  put("commands/pages /🔩/@.js", "b");
  put("commands/logo.png", Buffer.from([0xff]));
  put("libs/Rates.js", "c");
  put("libs/deep/README");
  put("commands/.env");
  put("libs/node_modules/x.js");
  put("commands/.git/x.js");
  put("README.md");
  put(".git/config");

  const { files, notes } = await readFolder(folder);

  expect(notes).toEqual([
    { ...{ level: "info", file: null, line: null }, message: expect.stringMatching(/: .*\.env, commands\/logo\.png$/) },
  ]);
  expect(new Map(files.map(({ path, text }) => [path, text]))).toEqual(
    new Map([
      ["bot.json", "{}"],
      ["commands/_start.js", "a"],
      ["commands/pages /🔩/@.js", "b"],
      ["libs/Rates.js", "c"],
      ["libs/deep/README", "x"],
    ]),
  );
});

test("a byte order mark is left to the reader of the file", async () => {
  put("commands/a.js", "\uFEFFx");

  expect((await readFolder(folder)).files).toEqual([{ path: "commands/a.js", text: "\uFEFFx" }]);
});

test.each(["commands/a.js", "commands/more", "commands", "libs", "libs/A.js", "bot.json"])(
  "a symbolic link at %s is refused",
  async (path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(tmpdir(), join(folder, path));

    expect(await refusal()).toBe(`${path} is a symbolic link, which is refused`);
  },
);

test("a file that is not UTF-8 is named", async () => {
  put("commands/a.js", Buffer.from([0x61, 0xe9, 0x62]));

  expect(await refusal()).toBe("commands/a.js is not UTF-8 text");
});

test("a file that is too large is named with its size", async () => {
  put("commands/a.js", "x".repeat(SOURCE_BYTES + 1));

  expect(await refusal()).toContain(`commands/a.js has ${SOURCE_BYTES + 1} bytes`);
});

test("a pipe among the scripts is refused and not waited for", async () => {
  put("commands/a.js");
  execFileSync("mkfifo", [join(folder, "commands/b.js")]);

  expect(await refusal()).toBe("commands/b.js is not a file");
});

test("folders that nest without end are refused", async () => {
  put(`commands/${"d/".repeat(20)}a.js`);

  expect(await refusal()).toContain("deeper than");
});

test("what is not a folder is named", async () => {
  put("bot.json");

  expect(await refusal(join(folder, "bot.json"))).toContain("is not a folder");
  expect(await refusal(join(folder, "nowhere"))).toContain("ENOENT");
});
