import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFolder } from "../../src/bot-files/read-folder.ts";
import { writeFolder } from "../../src/bot-files/write-folder.ts";
import type { BotFile } from "../../src/core/catalog.ts";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "botyard-write-"));
});
afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

const files: BotFile[] = [
  { path: "bot.json", text: "{}" },
  { path: "commands/pages /🔩.js", text: "\uFEFFa\r\n" },
  { path: "commands/x.js", text: "x" },
  { path: "libs/L.js", text: "l" },
];
const put = (path: string, text = "old") => {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  writeFileSync(join(place, path), text);
};
const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => "not refused",
    (error: unknown) => (error instanceof Error ? error.message : ""),
  );

test("a folder that is not there is made with all files in it", async () => {
  const folder = join(place, "deep/er");

  expect(await writeFolder(folder, files)).toEqual({ written: 4, removed: 0 });

  expect((await readFolder(folder)).files).toEqual(expect.arrayContaining(files));
  expect(readdirSync(join(place, "deep"))).toEqual(["er"]);
});

test("an empty folder is taken, another is not", async () => {
  await writeFolder(place, files);

  expect(await reason(writeFolder(place, files))).toContain("is not empty");
  expect(readFileSync(join(place, "commands/x.js"), "utf8")).toBe("x");
});

test("with replace the files of a bot's folder become these, and what else lies there stays", async () => {
  for (const path of ["bot.json", "commands/gone/old.js", "commands/x.js", "libs/README"]) put(path);
  for (const path of ["README.md", ".git/config", "commands/.env"]) put(path);

  expect(await writeFolder(place, files, { replace: true })).toEqual({ written: 4, removed: 2 });
  expect(await writeFolder(place, files, { replace: true })).toEqual({ written: 0, removed: 0 });

  expect((await readFolder(place)).files).toHaveLength(4);
  expect(readFileSync(join(place, ".git/config"), "utf8")).toBe("old");
  expect(["README.md", "commands/.env", "commands/gone"].map((path) => existsSync(join(place, path)))).toEqual([
    ...[true, true, false],
  ]);
});

test("with replace a folder that is no bot's is left alone", async () => {
  put("letters/to-ada.txt");

  expect(await reason(writeFolder(place, files, { replace: true }))).toContain("is no bot's folder");
  expect(readdirSync(place)).toEqual(["letters"]);
});

test.each([
  "../evil.js",
  "/etc/evil.js",
  "commands/../../evil.js",
  "commands\\evil.js",
  "commands/.git/hooks/post-checkout",
  ".bashrc",
  "README.md",
])("a server that sends %s gets nothing written", async (path) => {
  const folder = join(place, "bot");

  expect(await reason(writeFolder(folder, [...files, { path, text: "evil" }]))).toContain("is not written");
  expect(readdirSync(place)).toEqual([]);
});

test("a link in the folder leads nobody out of it", async () => {
  const outside = join(place, "outside");
  mkdirSync(outside);
  put("bot/bot.json");
  symlinkSync(outside, join(place, "bot/libs"));

  expect(await reason(writeFolder(join(place, "bot"), files, { replace: true }))).toContain("symbolic link");
  expect(readdirSync(outside)).toEqual([]);
});

test("two files that a disk takes for one are not written over each other", async () => {
  const folder = join(place, "bot");
  const twice = [...files, { path: "commands/x.js", text: "other" }]; // as a disk without letter case would see X.js

  expect(await reason(writeFolder(folder, twice))).toContain("something of this name is there");
  expect(readdirSync(place)).toEqual([]);
});

test("a file in the way is named", async () => {
  put("bot");

  expect(await reason(writeFolder(join(place, "bot"), files))).toContain("ENOTDIR");
});
