import { afterEach, beforeEach, expect, test } from "vitest";
import type { BotFile } from "../../src/core/catalog.ts";
import { folder, openYard } from "./terminal.ts";
import type { Shown } from "./terminal.ts";

let yard: Awaited<ReturnType<typeof openYard>>;
beforeEach(async () => {
  yard = await openYard();
});
afterEach(async () => {
  await yard.close();
});

const hello: BotFile = { path: "commands/_hello.js", text: "/*CMD\n  command: /hello\n  aliases: hi\nCMD*/\nx" };
const json = ({ out }: Shown): unknown => JSON.parse(out);
const importing = (...files: BotFile[]) =>
  yard.terminal({ readSource: () => Promise.resolve({ files: folder(...files), notes: [] }) });

/** A terminal in front of a yard with one bot and one user. */
async function withBot() {
  const type = importing(hello);
  await type("import", "demo");
  await yard.catalog.addUser(1, { first_name: "Ada" });
  return type;
}

test("import makes a bot and says what there is to say about its folder", async () => {
  const type = importing(hello, { path: "libs/Webhooks.js", text: "" });

  const shown = await type("import", "demo", "--json");

  expect(json(shown)).toMatchObject({
    bot: { id: 1, name: "demo" },
    report: [
      { level: "warning", file: "libs/Webhooks.js", line: 1, message: expect.stringContaining("built-in") as string },
    ],
    changes: { name: { from: null, to: "demo" }, commands: { added: [{ name: "/hello" }] } },
  });
  expect(shown.exit).toBe(0);
  expect((await yard.catalog.bot(1))?.name).toBe("demo");
});

test("import without --bot makes another bot, and with it gives that bot the next version", async () => {
  const type = importing(hello);
  await type("import", "demo");

  await type("import", "demo");
  const shown = await importing()("import", "demo", "--bot", "1");

  expect(shown.out).toBe("warning: the folder has no commands\ncommand /hello removed\nbot 1 (demo) is at version 2\n");
  expect(await yard.catalog.bots()).toHaveLength(2);
});

test("a dry run says what would change, and changes nothing", async () => {
  await withBot();
  const other = { path: "commands/b.js", text: "/*CMD\n  command: /b\nCMD*/" };
  const type = importing({ ...hello, text: hello.text.replace("hi", "ho") }, other, { path: "libs/L.js", text: "1" });

  const shown = await type("import", "demo", "--bot", "1", "--dry-run");
  const anew = await type("import", "demo", "--dry-run", "--json");

  expect(shown.out).toBe(
    [
      ...["command /b would be added (commands/b.js)", "command /hello would be changed: aliases, head"],
      ...["library L would be added (libs/L.js)", "nothing was changed: this was a dry run", ""],
    ].join("\n"),
  );
  expect(json(anew)).toMatchObject({ bot: null, changes: { name: { from: null, to: "demo" } } });
  expect((await yard.catalog.bot(1))?.version).toBe(1);
  expect(await yard.catalog.bots()).toHaveLength(1);
});

test("what is said of the place a bot came from stands before what is said of the bot", async () => {
  const asked: unknown[] = [];
  const note = { level: "info" as const, file: null, line: null, message: "left out: x.png" };
  const type = yard.terminal({
    readSource: (request) => {
      asked.push(request);
      return Promise.resolve({ files: folder(hello), notes: [note] });
    },
  });

  const shown = await type("import", "https://ada:secret@example.org/bot.git", "--branch", "main");

  expect(asked).toEqual([{ from: "https://ada:secret@example.org/bot.git", branch: "main" }]);
  expect(shown.out).toBe("info: left out: x.png\nbot 1 (demo) is at version 1\n");
  expect(shown.err).not.toContain("secret");
});

test("export writes the files that were imported, and says how many", async () => {
  await withBot();
  const written: unknown[] = [];
  const type = yard.terminal({
    writeFolder: (...given) => {
      written.push(given);
      return Promise.resolve({ written: 1, removed: 2 });
    },
  });

  const shown = await type("export", "here", "--bot", "1");
  const replaced = await type("export", "here", "--replace", "--json");

  expect(written).toEqual([
    ["here", folder(hello), { replace: false }],
    ["here", folder(hello), { replace: true }],
  ]);
  expect(shown.out).toBe("bot 1 is in here: 2 files, 1 of them written anew, 2 that it does not have removed\n");
  expect(json(replaced)).toEqual({ bot: { id: 1 }, files: 2, written: 1, removed: 2 });
});

test("an earlier state is listed and brought back", async () => {
  const type = await withBot();
  await importing()("import", "demo", "--bot", "1");

  const listed = await type("bots", "restore", "--bot", "1", "--list");
  const restored = await type("bots", "restore", "--bot", "1");
  const missing = await type("bots", "restore", "1", "--to", "9");

  expect(listed.out).toMatch(/^VERSION +NAME .*\n1 +demo +on +1 +0 +2026-/);
  expect(restored.out).toBe("bot 1 (demo) has its earlier code, as version 3\n");
  expect((await yard.catalog.definition(1))?.commands.map(({ name }) => name)).toEqual(["/hello"]);
  expect(missing).toMatchObject({ exit: 1, err: "error: this bot has no state of version 9 kept\n" });
});

test("an import that is refused says why and ends with 1", async () => {
  const type = yard.terminal({ readSource: () => Promise.resolve({ files: [hello], notes: [] }) });

  const shown = await type("import", "demo");

  expect(shown).toMatchObject({ exit: 1, out: "" });
  expect(shown.err).toContain("bot.json is missing");
});

test("bots are listed, shown, switched and removed", async () => {
  const type = await withBot();

  const listed = await type("bots", "ls");
  const shown = await type("bots", "show", "1");
  const off = await type("bots", "disable", "--bot", "1", "--json");
  const on = await type("bots", "enable");
  const removed = await type("bots", "rm", "1");

  expect(listed.out).toMatch(/^ID +NAME +VERSION +STATE +CHANGED\n1 +demo +1 +on /);
  expect(shown.out).toMatch(/\n\/hello +hi +commands\/_hello.js\n/);
  expect(json(off)).toMatchObject({ bot: { id: 1, disabled: true } });
  expect(on.out).toBe("bot 1 (demo) is on\n");
  expect(removed).toEqual({ exit: 0, out: "bot 1 is removed\n", err: "" });
  expect(json(await type("bots", "ls", "--json"))).toMatchObject({ bots: [] });
});

test("a bot is removed only by its name, even if it is the only one", async () => {
  const type = await withBot();

  const shown = await type("bots", "rm");

  expect(shown.exit).toBe(2);
  expect(await yard.catalog.bots()).toHaveLength(1);
});

test("users are added with their chats, and listed", async () => {
  const type = await withBot();

  const added = await type(
    "users",
    "add",
    "--bot",
    "1",
    "--telegramid",
    "700",
    "--name",
    "Grace",
    "--username",
    "g",
    "--json",
  );
  const listed = await type("users", "ls", "--bot", "1");

  expect(json(added)).toMatchObject({
    user: { id: 2, telegramid: 700, first_name: "Grace", username: "g" },
    chat: { id: 2, chatid: 700 },
  });
  expect(listed.out.split("\n")[2]).toMatch(/^2 +Grace +g +700 /);
});

test("a telegramid that is taken ends with 5", async () => {
  const type = await withBot();
  await type("users", "add", "--telegramid", "700");

  expect((await type("users", "add", "--telegramid", "700")).exit).toBe(5);
});

test("url puts out a signed link and nothing else", async () => {
  const type = await withBot();

  const shown = await type("url", "/hello", "--bot", "1", "--user", "1", "--content", "a b", "--exp", "60", "--once");

  expect(shown).toMatchObject({ exit: 0, err: "" });
  const url = new URL(shown.out.trimEnd());
  expect(url.origin + url.pathname).toBe("https://bots.example.org/v1/bots/1/new-webhook");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    command: "/hello",
    user_id: "1",
    content: "a b",
    once: "nonce",
  });
  expect(Number(url.searchParams.get("exp"))).toBe(Date.parse("2026-01-01T00:01:00Z") / 1_000);
  expect(json(await type("url", "/hello", "--json"))).toEqual({ url: expect.stringContaining("sig=") as string });
});

test("url refuses where a redirect must not go", async () => {
  const type = await withBot();

  const shown = await type("url", "/hello", "--redirect", "javascript:alert(1)");

  expect(shown).toMatchObject({ exit: 1, out: "" });
});

test("run passes on what it is given and shows the answer and the log", async () => {
  const type = await withBot();
  yard.runsComeTo({ answer: "Hello, Ada!", log: [{ level: "warn", command: "/hello", text: "careful" }] });

  const shown = await type(
    "run",
    "/hello x",
    "--user",
    "1",
    "--text",
    "typed",
    "--content",
    "c",
    "--options",
    '{"a":[1]}',
  );

  expect(yard.triggers).toEqual([
    { botId: 1, source: "api", command: "/hello x", message: "typed", userId: 1, content: "c", options: { a: [1] } },
  ]);
  expect(shown.exit).toBe(0);
  expect(shown.out).toMatch(/^run_\w+ \/hello x: done in 3 ms\nanswer: Hello, Ada!\nwarn: \/hello: careful\n$/);
});

test("a script that fails ends with 1 and is shown with its place in the file", async () => {
  const type = await withBot();
  yard.runsComeTo({
    state: "failed",
    error: {
      code: "script_failed",
      message: "x is not defined",
      command: "/hello",
      file: "commands/_hello.js",
      line: 5,
      column: 1,
    },
    effects: [{ kind: "sendMessage", by: "/hello", chat_id: 1, text: "never" }],
  });

  const shown = await type("run", "/hello");
  const asJson = await type("run", "/hello", "--json");

  expect(shown.exit).toBe(1);
  expect(shown.out).toContain("error: script_failed: x is not defined\n  at commands/_hello.js:5:1 (/hello)\n");
  expect(shown.out).toContain("none of which was carried out: 1 × sendMessage");
  expect(asJson.exit).toBe(1);
  expect(json(asJson)).toMatchObject({
    run: {
      id: expect.stringMatching(/^run_/) as string,
      state: "failed",
      command: "/hello",
      answer: null,
      error: { code: "script_failed", line: 5, column: 1 },
      effects: [{ kind: "sendMessage" }],
      log: [],
      duration_ms: 3.4,
    },
  });
});

test("runs are listed for all bots or one, failed ones alone if wanted, and shown one by one", async () => {
  const type = await withBot();
  await type("run", "/first");
  yard.runsComeTo({ state: "failed" });
  await type("run", "/second");

  const all = await type("runs", "ls");
  const failed = json(await type("runs", "ls", "--failed", "--bot", "1", "--json")) as { runs: { id: string }[] };
  const one = await type("runs", "show", failed.runs[0]?.id ?? "");
  const page = await type("runs", "ls", "--limit", "1");

  expect(all.out.split("\n").map((line) => line.split(/ +/)[2])).toEqual(["COMMAND", "/second", "/first", undefined]);
  expect(failed.runs).toHaveLength(1);
  expect(one.out).toContain("/second: failed");
  expect(page.err).toMatch(/--before run_/);
  expect(json(await type("runs", "ls", "--limit", "1", "--json"))).toHaveProperty("next");
});

test("a run that is not there ends with 1", async () => {
  const type = await withBot();

  expect(await type("runs", "show", "run_0")).toMatchObject({ exit: 1, err: "error: there is no such run\n" });
});

test("a property is set, read, listed and removed", async () => {
  const type = await withBot();

  const set = await type("props", "set", "visits", "3", "--user", "1", "--json");
  const got = await type("props", "get", "visits", "--user", "1");
  const listed = await type("props", "ls");
  const removed = await type("props", "rm", "visits", "--user", "1");
  const gone = await type("props", "get", "visits", "--user", "1");

  expect(json(set)).toEqual({ properties: [{ name: "visits", user_id: 1, value: 3, type: "integer" }] });
  expect(got.out).toBe("3\n");
  expect(listed.out.split("\n")[1]).toMatch(/^1 +visits +integer +3$/);
  expect(removed.exit).toBe(0);
  expect(gone).toMatchObject({ exit: 1, out: "" });
});

test.each([
  [["5"], 5, "integer"],
  [["5", "--type", "string"], "5", "string"],
  [["hello you"], "hello you", "string"],
  [["true"], true, "boolean"],
  [['{"a":[1]}'], { a: [1] }, "json"],
  [["[1]", "--type", "json"], [1], "json"],
  [["2.5", "--type", "float"], 2.5, "float"],
])("props set %j stores what it says", async (words, value, type) => {
  const typed = await withBot();

  await typed("props", "set", "x", ...words);

  expect(await yard.catalog.property(1, null, "x")).toMatchObject({ value, type });
});

test("odd names of properties arrive as they are", async () => {
  const type = await withBot();

  for (const name of ["a/b?c#d", "💰 balance", "__proto__", "%2e"]) {
    await type("props", "set", name, "1");

    expect((await yard.catalog.property(1, null, name))?.value).toBe(1);
  }
});

test("keys are listed, rotated and revoked", async () => {
  const type = await withBot();
  const [old] = await yard.catalog.linkKeys(1);

  const rotated = await type("keys", "rotate", "--overlap", "60", "--json");
  const listed = await type("keys", "ls");
  const revoked = await type("keys", "rm", old?.kid ?? "");

  expect(json(rotated)).toMatchObject({ key: { kid: expect.stringMatching(/^key_/) as string, expires_at: null } });
  expect(listed.out).toMatch(/signs now\n.*2026-01-01T00:01:00/);
  expect(revoked.exit).toBe(0);
  expect(await yard.catalog.linkKeys(1)).toHaveLength(1);
  expect((await type("keys", "rm", "key_unknown")).exit).toBe(1);
});

test("the only bot is taken where none is named, which is said beside the result", async () => {
  const type = await withBot();

  const shown = await type("users", "ls", "--json");

  expect(shown.err).toBe("using bot 1 (demo), the only one\n");
  expect(json(shown)).toMatchObject({ users: [{ id: 1 }] });
});

test("of several bots one has to be named", async () => {
  const type = await withBot();
  await type("import", "demo");

  const shown = await type("users", "ls");

  expect(shown).toMatchObject({ exit: 2, out: "" });
  expect(shown.err).toContain("1 (demo), 2 (demo)");
});

test("without any bot the way to one is shown", async () => {
  const shown = await yard.terminal()("users", "ls");

  expect(shown.exit).toBe(1);
  expect(shown.err).toContain("botyard import DIR");
});

test("a bot that is not there is named", async () => {
  const type = await withBot();

  for (const words of [
    ["users", "ls", "--bot", "7"],
    ["bots", "rm", "7"],
    ["props", "ls", "--bot", "7"],
  ])
    expect(await type(...words)).toEqual({
      exit: 1,
      out: "",
      err: "error: there is no bot 7; botyard bots ls shows those that are there\n",
    });
});

test("what bots and callers wrote cannot steer the terminal", async () => {
  const type = await withBot();
  yard.runsComeTo({ answer: "\u001b[2Jtwo\nlines\u202e" });
  await yard.catalog.setProperty(1, null, "a\u001b[31m", "b\nc");

  const run = await type("run", "/hello");
  const listed = await type("props", "ls");

  expect(run.out).toContain("answer: \\u{1b}[2Jtwo\nlines\\u{202e}\n");
  expect(listed.out).toContain("a\\u{1b}[31m  string  b\\nc\n");
});
