import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSource } from "../../src/bot-files/read-source.ts";
import type { BotFile } from "../../src/core/catalog.ts";
import { createRepository, GIT_ENV } from "./repository.ts";
import { zipFile } from "./zip-file.ts";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "botyard-source-"));
});
afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

const files: Record<string, string> = {
  "bot.json": '{"bb_sync_version":"1.0","name":"demo"}',
  "commands/_start.js": "/*CMD\r\n  command: /start\r\nCMD*/\r\nlet a = 1\r\n",
  "commands/pages /🔩 *.js": "\uFEFFx",
  "libs/README": "",
};
const beside = { "README.md": "hello", "logo.png": Buffer.from([0xff, 0xd8]) };
const expected = Object.entries(files).map(([path, text]) => ({ path, text }));
const sorted = (list: BotFile[]) => list.sort((a, b) => (a.path < b.path ? -1 : 1));
const read = async (from: string, branch?: string, git: { timeoutMs?: number; maxBytes?: number } = {}) => {
  const request = { from, ...(branch !== undefined && { branch }) };
  return sorted((await readSource(request, { env: GIT_ENV, tempDir: place, ...git })).files);
};
const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => "not refused",
    (error: unknown) => (error instanceof Error ? error.message : ""),
  );
const zipAt = (entries: Parameters<typeof zipFile>[0]) => {
  const path = join(place, "bot.zip");
  writeFileSync(path, zipFile(entries));
  return path;
};
const entries = (prefix = "") =>
  Object.entries({ ...files, ...beside }).map(([name, content]) => ({ name: prefix + name, content }));

test("a zip is read from its root", async () => {
  expect(await read(zipAt([{ name: "commands/", mode: 0o40755 }, ...entries()]))).toEqual(expected);
});

test("a zip is read from its one top folder, beside which macOS has put its own", async () => {
  const junk = [
    { name: "__MACOSX/bot/._bot.json" },
    { name: "bot-main/.DS_Store" },
    { name: "bot-main/", mode: 0o40755 },
  ];

  expect(await read(zipAt([...junk, ...entries("bot-main/")]))).toEqual(expected);
});

test("a zip without the system's types, and with files that are only stored, is read", async () => {
  const plain = entries().map((entry) => ({ ...entry, mode: 0, method: 0 }));

  expect(await read(zipAt(plain))).toEqual(expected);
});

test("only what belongs to a bot is unpacked", async () => {
  const damaged = { name: "README.md", content: "x", crc: 1 };

  expect(await read(zipAt([...entries().filter(({ name }) => name !== "README.md"), damaged]))).toEqual(expected);
});

test("a repository is read as its newest commit has it, whatever lies in its folder", async () => {
  const folder = join(place, "bot.git folder");
  const { put, git } = createRepository(folder, { ...files, ...beside });
  put(".gitattributes", "*.js text eol=lf filter=lfs\n");
  git("commit", "-q", "-m", "attributes");
  writeFileSync(join(folder, "commands/_start.js"), "not committed");

  expect(await read(pathToFileURL(folder).href)).toEqual(expected);
  expect(readdirSync(place)).toEqual(["bot.git folder"]);
});

test("a folder is read as it lies there, and with a branch as that has it", async () => {
  const folder = join(place, "bot");
  const { git, put, commit } = createRepository(folder, files);
  git("checkout", "-q", "-b", "BB_Export_1");
  put("commands/new.js", "y");
  commit();
  git("checkout", "-q", "main");

  expect(await read(folder)).toEqual(expected);
  expect((await read(folder, "BB_Export_1")).map(({ path }) => path)).toContain("commands/new.js");
  expect(await read(folder, "main")).toEqual(expected);
});

test("a bare repository on this machine is one", async () => {
  const { git } = createRepository(join(place, "bot"), files);
  git("clone", "-q", "--bare", ".", join(place, "bare.git"));

  expect(await read(join(place, "bare.git"))).toEqual(expected);
});

test("no hook and no filter of a repository runs", async () => {
  const folder = join(place, "bot");
  const { git } = createRepository(folder, files);
  const mark = join(place, "ran");
  for (const hook of ["post-checkout", "pre-auto-gc", "reference-transaction"]) {
    mkdirSync(join(folder, ".git/hooks"), { recursive: true });
    writeFileSync(join(folder, ".git/hooks", hook), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
  }
  git("config", "filter.evil.smudge", `touch ${mark}`);

  await read(pathToFileURL(folder).href);

  expect(readdirSync(place)).toEqual(["bot"]);
});

test.each(["git", "http"])(
  "a server that says nothing is given up (%s), and no process of git stays",
  async (scheme) => {
    const closed = Promise.withResolvers<string>();
    const server = createServer((socket) => {
      socket
        .on("error", () => undefined)
        .on("close", () => {
          closed.resolve("closed");
        });
      socket.resume();
    }).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;

    const said = await reason(read(`${scheme}://127.0.0.1:${port}/bot.git`, undefined, { timeoutMs: 700 }));

    expect(said).toContain("it took longer than 0.");
    expect(await closed.promise).toBe("closed");
    expect(readdirSync(place)).toEqual([]);
    server.close();
  },
);

test("a repository that is larger than it may be is given up", async () => {
  const folder = join(place, "bot");
  createRepository(folder, { ...files, "large.bin": Buffer.alloc(3_000_000, Math.random().toString()) });

  const said = await reason(read(pathToFileURL(folder).href, undefined, { maxBytes: 1_000 }));

  expect(said).toContain("more than 1000 bytes");
});

test.each(["http", "git"])("a password in an address (%s) is in no message", async (scheme) => {
  const said = await reason(read(`${scheme}://ada:secret@127.0.0.1:1/bot.git`));

  expect(said).toContain("127.0.0.1");
  expect(said).not.toContain("secret");
});

test("git that is not there is named", async () => {
  const deps = { env: { ...GIT_ENV, PATH: place }, tempDir: place };

  expect(await reason(readSource({ from: "https://example.test/bot.git" }, deps))).toContain("git is not installed");
});
