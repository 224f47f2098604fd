import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSource } from "../../src/bot-files/read-source.ts";
import type { BotFile } from "../../src/core/catalog.ts";
import { BOT_BYTES, SOURCE_BYTES } from "../../src/core/limits.ts";
import { createDeploy } from "../../src/deploy.ts";
import { createYard } from "../catalog/yard.ts";
import { createRepository, GIT_ENV } from "./repository.ts";
import { zipFile } from "./zip-file.ts";
import type { ZipEntry } from "./zip-file.ts";

const BOT_JSON = '{"bb_sync_version":"1.0","name":"demo"}';
const PAST_ALL = 100_000;

let place = "";
let closers: (() => void)[] = [];
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "botyard-broken-"));
});
afterEach(() => {
  for (const close of closers) close();
  closers = [];
  rmSync(place, { recursive: true, force: true });
});

/** What an import is given, and what it has to say. Each gives a place, or the files themselves. */
type Broken = readonly [what: string, make: () => string | BotFile[] | Promise<string>, message: string | RegExp];

const put = (path: string, content: string | Buffer = "x") => {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  writeFileSync(join(place, path), content);
};
/** A folder with a good bot.json, one command, and what `more` puts there. */
const folder = (more: () => void) => () => {
  put("bot.json", BOT_JSON);
  put("commands/a.js");
  more();
  return place;
};
const botJson = (text: string | Buffer) =>
  folder(() => {
    put("bot.json", text);
  });
const zipped = (content: Buffer) => {
  put("bot.zip", content);
  return join(place, "bot.zip");
};
const zip = (
  entries: ZipEntry[] | (() => ZipEntry[]),
  json: ZipEntry[] = [{ name: "bot.json", content: BOT_JSON }],
) => {
  return () => zipped(zipFile([...json, ...(typeof entries === "function" ? entries() : entries)]));
};
const many = (count: number, name: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => ({ name: name(i), method: 0 }));
const given = (...files: BotFile[]) => {
  return () => [{ path: "bot.json", text: BOT_JSON }, ...files];
};
const repository = (change: (repo: ReturnType<typeof createRepository>) => void, files = { "bot.json": BOT_JSON }) => {
  return () => {
    change(createRepository(join(place, "repo"), files));
    return pathToFileURL(join(place, "repo")).href;
  };
};
const hanging = (scheme: string) => async () => {
  const server = createServer((socket) => socket.on("error", () => undefined).resume()).listen(0, "127.0.0.1");
  closers.push(() => server.close());
  await new Promise((done) => server.once("listening", done));
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/bot.git`;
};

const BROKEN: Broken[] = [
  ["a folder without bot.json", () => (put("commands/a.js"), place), "bot.json is missing"],
  ["a bot.json that is no JSON", botJson("{"), "bot.json is not JSON"],
  ["a bot.json that is a list", botJson("[]"), "must hold an object"],
  ["a bot.json of another version", botJson('{"bb_sync_version":"2.0","name":"x"}'), "bb_sync_version"],
  ["a bot.json without a name", botJson('{"bb_sync_version":"1.0"}'), "name must be a text"],
  ["a bot.json with a blank name", botJson('{"bb_sync_version":"1.0","name":" "}'), "name must not be blank"],
  ["a bot.json that nests without end", botJson("[".repeat(50_000)), "nests deeper"],
  ["a bot.json in another encoding", botJson(Buffer.from(`\ufeff${BOT_JSON}`, "utf16le")), "not UTF-8"],
  ["a script that is not UTF-8", folder(() => put("commands/b.js", Buffer.from([0xe9]))), "commands/b.js is not UTF-8"],
  ["a script that is too large", folder(() => put("libs/L.js", "x".repeat(SOURCE_BYTES + 1))), "libs/L.js has"],
  [
    "a link among the commands",
    folder(() => symlinkSync("/etc/passwd", join(place, "commands/b.js"))),
    "symbolic link",
  ],
  ["a link in the place of a folder", folder(() => symlinkSync("/etc", join(place, "libs"))), "symbolic link"],
  ["a pipe among the commands", folder(() => execFileSync("mkfifo", [join(place, "commands/b.js")])), "is not a file"],
  ["folders that nest without end", folder(() => put(`commands/${"d/".repeat(40)}b.js`)), "deeper than 16"],
  ["a folder that is not there", () => join(place, "nowhere"), "ENOENT"],
  ["a file of no kind we know", () => (put("bot.tar", "ustar"), join(place, "bot.tar")), "neither a folder, a zip"],

  ["a zip cut short", () => zipped(zipFile([{ name: "bot.json", content: BOT_JSON }]).subarray(0, 60)), "not a zip"],
  ["a zip that is only its first bytes", () => zipped(Buffer.from("PK\x03\x04 and so on")), "not a zip"],
  ["a zip that leads upwards", zip([{ name: "commands/../../evil.js" }]), "must not hold empty parts, `.` or `..`"],
  ["a zip with an absolute path", zip([{ name: "/etc/evil.js" }]), "must not be absolute"],
  ["a zip with a backslash", zip([{ name: "commands\\..\\evil.js" }]), "backslash"],
  ["a zip with NUL in a name", zip([{ name: "commands/a.js\0.png" }]), "NUL"],
  ["a zip with a folder of git's", zip([{ name: "commands/.git/hooks/x.js" }]), "git's own"],
  ["a zip with a name in some code page", zip([{ name: Buffer.from([0x63, 0x82]) }]), "not UTF-8"],
  ["a zip with a link", zip([{ name: "commands/a.js", content: "/etc/passwd", mode: 0o120777 }]), "symbolic link"],
  ["a zip with a device", zip([{ name: "commands/a.js", mode: 0o020644 }]), "neither a file nor a folder"],
  ["a zip with one name twice", zip([{ name: "commands/a.js" }, { name: "commands/a.js" }]), "twice"],
  ["a zip with a password", zip([{ name: "commands/a.js", content: "x", flags: 1 }]), "encrypted"],
  ["a zip packed in a rare way", zip([{ name: "commands/a.js", content: "x", method: 12 }]), "method (12)"],
  ["a zip with two roots", zip([{ name: "a/bot.json" }, { name: "b/bot.json" }], []), "more than one thing lies there"],
  ["a zip that is a bomb", zip([{ name: "commands/a.js", content: Buffer.alloc(900_000) }]), "more than 200 times"],
  ["a zip that lies about a size", zip([{ name: "commands/a.js", content: "x".repeat(9_000), size: 9 }]), "not true"],
  ["a zip that is damaged", zip([{ name: "commands/a.js", content: "x", crc: 5 }]), "checksum"],
  [
    "a zip of files that are large together",
    zip(() => many(14, (i) => `commands/${i}.js`).map((entry) => ({ ...entry, content: "xy".repeat(5e5) }))),
    `more than ${BOT_BYTES} bytes`,
  ],
  ["a zip of 100,000 files", zip(() => many(PAST_ALL, (i) => `x/${i}`)), "more than 20000 entries"],
  ["a zip of too many commands", zip(() => many(5_001, (i) => `commands/${i}.js`)), "more than 5000 files"],

  ["a repository that is not there", () => pathToFileURL(join(place, "none.git")).href, "none.git"],
  ["a repository without a commit", repository(() => undefined, {} as { "bot.json": string }), "cannot be read"],
  ["a repository without bot.json", repository((repo) => (repo.git("rm", "-q", "bot.json"), repo.commit())), "missing"],
  ["a repository with a link", repository((repo) => repo.putEntry("120000", "commands/a.js")), "symbolic link"],
  ["a repository with a submodule", repository((repo) => repo.putEntry("160000", "libs")), "submodule"],
  [
    "a repository that keeps a script elsewhere",
    repository((repo) => (repo.put("commands/a.js", "version https://git-lfs.github.com/spec/v1\n"), repo.commit())),
    "Git LFS",
  ],
  [
    "a repository with a script that is not UTF-8",
    repository((repo) => (repo.put("commands/a.js", Buffer.from([0xff])), repo.commit())),
    "not UTF-8",
  ],
  ["a git server that hangs", hanging("git"), "took longer"],
  ["a web server that hangs", hanging("http"), "took longer"],
  ["an address that is a command", () => "ext::sh -c touch% /tmp/evil", "ENOENT"],
  ["an address with a command for a scheme", () => "ext://sh", "is no way to a repository"],
  ["an address that is an option", () => "--upload-pack=touch", "ENOENT"],

  ["files of one path", given({ path: "commands/a.js", text: "1" }, { path: "commands/a.js", text: "2" }), "two files"],
  ["files that lead upwards", given({ path: "../evil.js", text: "" }), ".."],
  ["files that are absolute", given({ path: "/evil.js", text: "" }), "absolute"],
  [
    "a name that is too long",
    given({ path: "commands/a.js", text: `/*CMD\ncommand: ${"x".repeat(600)}\nCMD*/` }),
    "512",
  ],
  ["text that is none", given({ path: "commands/a.js", text: "\ud800" }), "well-formed"],
  [
    "100,000 files",
    () => many(PAST_ALL, (i) => `commands/${i}.js`).map(({ name: path }) => ({ path, text: "" })),
    "5000",
  ],
  [
    "quotes that take four times their size where they are stored",
    given(...many(4, (i) => `commands/${i}.js`).map(({ name: path }) => ({ path, text: '"'.repeat(SOURCE_BYTES) }))),
    "as it is stored",
  ],
];

test.each(BROKEN)("%s changes nothing and is told why", async (_what, make, message) => {
  const yard = createYard();
  const deploy = createDeploy({ catalog: yard.catalog, checkScripts: () => Promise.resolve([]) });
  await deploy.importBot([
    { path: "bot.json", text: BOT_JSON },
    { path: "commands/good.js", text: "good" },
  ]);
  const before = await yard.values(1);

  const from = await make();
  const refusal = await importAll(from).catch((error: unknown) => error);

  expect(refusal).toMatchObject({ code: "import_invalid", message: expect.stringMatching(text(message)) as string });
  expect(await yard.values(1)).toEqual(before);
  expect(await yard.catalog.bots()).toHaveLength(1);

  async function importAll(source: string | BotFile[]) {
    const git = { env: GIT_ENV, tempDir: place, timeoutMs: 1_500 };
    const files = typeof source === "string" ? (await readSource({ from: source }, git)).files : source;
    await deploy.importBot(files);
    await deploy.importBot(files, 1);
  }
});

function text(message: string | RegExp): RegExp {
  return typeof message === "string" ? new RegExp(message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : message;
}
