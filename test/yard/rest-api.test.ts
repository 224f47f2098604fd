import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_TOKEN, botFiles, openTestYard, type TestYard } from "./open.ts";

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard({ processes: 1 });
});
afterAll(() => yard.end());

interface Sent {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}
async function send(path: string, { method, body, headers }: Sent = {}) {
  const answer = await fetch(`${yard.url}/api/v1${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json: any = text === "" ? null : JSON.parse(text);
  return { status: answer.status, body: json, tag: answer.headers.get("etag") ?? "", code: json?.error?.code };
}
const keyed = (key: string) => ({ "Idempotency-Key": key });

test("a hundred increments at one time count to a hundred, beside runs that count as well", async () => {
  const bot = await yard.bot({ "/add": "Bot.setProperty('n', Bot.getProperty('n', 0) + 1)" });
  const add = () => send(`/bots/${bot}/properties/n/increment`, { body: { by: 1 } });
  const run = () => send(`/bots/${bot}/runs`, { body: { command: "/add" } });

  const answers = await Promise.all([...Array.from({ length: 100 }, add), ...Array.from({ length: 10 }, run)]);

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await send(`/bots/${bot}/properties/n`)).body.property).toMatchObject({ value: 110, type: "integer" });
});

test("an increment keeps what a number is, and refuses what is none", async () => {
  const bot = await yard.bot({ "/a": "" });
  const path = (name: string) => `/bots/${bot}/properties/${name}`;
  const put = (name: string, value: unknown, type?: string) =>
    send(path(name), { method: "PUT", body: { value, ...(type && { type }) } });
  await put("float", 1, "float");
  await put("text", "1");
  await put("big", Number.MAX_SAFE_INTEGER);
  const add = async (name: string, by: number) => (await send(`${path(name)}/increment`, { body: { by } })).body;

  expect((await add("float", 1)).property).toMatchObject({ value: 2, type: "float" });
  expect((await add("new", 0.5)).property).toMatchObject({ value: 0.5, type: "float" });
  expect((await add("text", 1)).error.code).toBe("conflict");
  expect((await add("big", 1)).error.code).toBe("field_invalid");
});

test.each([
  ["properties/m/increment", { by: 1 }],
  ["runs", { command: "/add" }],
  ["users", { first_name: "Ann" }],
  ["commands", { name: "/new", code: "" }],
  ["libs", { name: "New", code: "" }],
  ["links", { command: "/add", once: true }],
  ["keys/rotate", { overlap_seconds: 60 }],
  ["restore", {}],
  ["/bots", { files: botFiles({ "/a": "" }) }],
  ["/owners", { name: "Ann" }],
])("of ten POSTs under one key at one time one is done, and all get its answer: %s", async (path, body) => {
  const bot = await yard.bot({ "/add": "Bot.setProperty('n', Bot.getProperty('n', 0) + 1); Bot.sendMessage('ok')" });
  await send(`/bots/${bot}/libs`, { body: { name: "Old", code: "" } });
  const address = path.startsWith("/") ? path : `/bots/${bot}/${path}`;
  const post = () => send(address, { body, headers: keyed(`k1/${path}`) });

  const answers = await Promise.all(Array.from({ length: 10 }, post));

  const good = new Set(answers.map(({ status, body: answer }) => JSON.stringify([status, answer])));
  expect([...good]).toHaveLength(1);
  expect(answers[0]?.status).toBeLessThan(300);
  expect((await post()).body).toEqual(answers[0]?.body);
  expect((await send(`/bots/${bot}/properties/n`)).body.property?.value ?? 1).toBe(1);
});

test("a key that came with another body is refused, and another caller's key is another key", async () => {
  const bot = await yard.bot({ "/a": "Bot.sendMessage(content)" });
  const post = (path: string, body: unknown) => send(path, { body, headers: keyed("k2") });

  expect((await post(`/bots/${bot}/runs`, { command: "/a", content: "x" })).status).toBe(200);
  expect(await post(`/bots/${bot}/runs`, { command: "/a", content: "y" })).toMatchObject({
    status: 422,
    code: "key_reused",
  });
  expect(await post(`/bots/${bot}/users`, { first_name: "Ann" })).toMatchObject({ status: 422, code: "key_reused" });
  expect((await send(`/bots/${bot}/users`)).body.users).toEqual([]);
  expect(await send(`/bots/${bot}/users`, { body: {}, headers: keyed("a b") })).toMatchObject({ status: 400 });
});

test("the text of a token is not kept for a repeat", async () => {
  const { body } = await send("/owners", { body: { name: "Ann" } });
  const token = { name: "t", scopes: ["read"] };

  const answer = await send(`/owners/${body.owner.id}/tokens`, { body: token, headers: keyed("k3") });

  expect(answer).toMatchObject({ status: 400, code: "field_invalid" });
});

test("If-Match lets one of two edits through, of a bot, a command, a library and a property", async () => {
  const bot = await yard.bot({ "/a": "" }, { L: "" });
  await send(`/bots/${bot}/properties/p`, { method: "PUT", body: { value: 1 } });

  for (const [path, edit] of [
    [`/bots/${bot}/commands/1`, { method: "PATCH", body: { code: "// 1" } }],
    [`/bots/${bot}/libs/L`, { method: "PATCH", body: { code: "// 2" } }],
    [`/bots/${bot}/properties/p`, { method: "PUT", body: { value: 2 } }],
    [`/bots/${bot}`, { method: "PATCH", body: { name: "other" } }],
  ] as const) {
    const { tag } = await send(path);
    const first = await send(path, { ...edit, headers: { "if-match": tag } });
    const second = await send(path, { ...edit, headers: { "if-match": tag } });
    const deleted = await send(path, { method: "DELETE", headers: { "if-match": `W/${first.tag}, "x"` } });

    expect(tag, path).toMatch(/^"[\w-]+"$/);
    expect([first.status, second.status, deleted.status], path).toEqual([200, 412, 412]);
    expect(second.code).toBe("precondition_failed");
    expect((await send(path)).tag, path).toBe(first.tag);
    expect((await send(path, { ...edit, headers: { "if-match": `"x", ${first.tag}` } })).status, path).toBe(200);
  }
  const missing = { method: "PUT", body: { value: 1 }, headers: { "if-match": "*" } };
  expect((await send(`/bots/${bot}/properties/new`, missing)).status).toBe(412);
});

test("a command made and changed here is a version of the bot, runs, and is written into its files", async () => {
  const bot = await yard.bot({ "/a": "Bot.sendMessage('a')" });
  const made = await send(`/bots/${bot}/commands`, {
    body: { name: "/b", code: "Bot.sendMessage('b')", aliases: ["Bee"] },
  });
  const { id } = made.body.command;

  const renamed = await send(`/bots/${bot}/commands/${id}`, { method: "PATCH", body: { name: "/c", help: "says b" } });
  const run = await send(`/bots/${bot}/runs`, { body: { command: "bee" } });
  const failing = { method: "PATCH", body: { code: "\nthrow new Error()" } };
  await send(`/bots/${bot}/commands/${id}`, failing);
  const failed = (await send(`/bots/${bot}/runs`, { body: { command: "/c" } })).body.run;
  const { files } = (await send(`/bots/${bot}/files`)).body;

  expect(made.status).toBe(201);
  expect(renamed.body.command).toMatchObject({ id, name: "/c", help: "says b", aliases: ["bee"] });
  expect(run.body.run).toMatchObject({ state: "done", answer: "b" });
  const file = files.find(({ path }: { path: string }) => path === failed.error.file);
  expect(file.text.split("\n")[failed.error.line - 1]).toBe("throw new Error()");
  expect((await send(`/bots/${bot}`)).body.bot.version).toBe(4);
  const again = await send(`/bots?dry_run=true`, { body: { files } });
  expect(again.body.changes.commands.added.map(({ name }: { name: string }) => name).sort()).toEqual(["/a", "/c"]);
  expect((await send(`/bots/${bot}/restore`, { body: { version: 1 } })).status).toBe(200);
  expect((await send(`/bots/${bot}/commands`)).body.commands.map(({ name }: { name: string }) => name)).toEqual(["/a"]);
});

test.each([
  ["a taken name", { name: "/a" }, 409, "name"],
  ["a name that ends its own block", { name: "/x\n  COMMAND\ny" }, 400, "name"],
  ["an alias with a comma", { aliases: ["a,b"] }, 400, "aliases"],
  ["an answer that ends the header", { answer: "x\nCMD*/\n" }, 400, "answer"],
  ["an unknown member", { id: 7 }, 400, "id"],
])("a command with %s is refused, and nothing is changed", async (_, change, status, field) => {
  const bot = await yard.bot({ "/a": "" });

  const answer = await send(`/bots/${bot}/commands`, { body: { name: "/b", code: "", ...change } });

  expect(answer).toMatchObject({ status, body: { error: { field } } });
  expect((await send(`/bots/${bot}`)).body.bot.version).toBe(1);
});

test("pages of any size hold each item once and in order", async () => {
  const bot = await yard.bot({ "/a": "" });
  for (let i = 0; i < 7; i++) await yard.user(bot, `u${i}`);
  for (const name of ["é", "a", "B", "a/b", "10", "9"]) await yard.catalog.setProperty(bot, null, name, 1);
  await yard.catalog.setProperty(bot, 2, "a", 1);

  for (const list of ["users", "chats", "properties"]) {
    const whole = (await send(`/bots/${bot}/${list}`)).body[list];
    const seen: unknown[] = [];
    for (let next: string | null = ""; next !== null;) {
      const page = await send(`/bots/${bot}/${list}?limit=2${next && `&cursor=${next}`}`);
      seen.push(...page.body[list]);
      next = page.body.next;
    }
    expect(seen).toEqual(whole);
    expect(seen).toHaveLength(7);
  }
});

test("runs are found by state, command, user and time, through short pages as well", async () => {
  const bot = await yard.bot({ "/a": "", "/b": "throw 1" });
  const user = await yard.user(bot);
  const run = async (command: string, user_id?: number) =>
    (await send(`/bots/${bot}/runs`, { body: { command, ...(user_id && { user_id }) } })).body.run;
  const [a1, b1, a2, a3] = [await run("/a"), await run("/b"), await run("/a 5", user), await run("/a")];
  const found = async (query: string) => {
    const ids: string[] = [];
    for (let next: string | null = ""; next !== null;) {
      const { body } = await send(`/bots/${bot}/runs?${query}&limit=1${next && `&cursor=${next}`}`);
      ids.push(...body.runs.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    return ids;
  };

  expect(await found("state=failed")).toEqual([b1.id]);
  expect(await found("state=done")).toEqual([a3.id, a2.id, a1.id]);
  expect(await found("command=/a")).toEqual([a3.id, a2.id, a1.id]);
  expect(await found(`user_id=${user}`)).toEqual([a2.id]);
  expect(await found(`since=${encodeURIComponent(b1.started_at)}&command=/b`)).toEqual([b1.id]);
  expect(await found("until=2000-01-01T00:00:00Z")).toEqual([]);
  expect(await found("since=2100-01-01T00:00:00Z")).toEqual([]);
});

test("an owner's runs are found among those of all its bots, and no other's", async () => {
  const { body } = await send("/owners", { body: { name: "Ann" } });
  const owner = body.owner.id;
  const { text } = (await send(`/owners/${owner}/tokens`, { body: { name: "t", scopes: ["admin"] } })).body;
  const asOwner = { authorization: `Bearer ${text}` };
  const runs: string[] = [];
  for (let i = 0; i < 3; i++) {
    const bot = (await send("/bots", { body: { files: botFiles({ "/a": "" }) }, headers: asOwner })).body.bot;
    expect(bot.owner_id).toBe(owner);
    runs.unshift((await send(`/bots/${bot.id}/runs`, { body: { command: "/a" } })).body.run.id);
  }

  const first = await send("/runs?limit=2", { headers: asOwner });
  const rest = await send(`/runs?limit=2&cursor=${first.body.next}`, { headers: asOwner });

  expect([...first.body.runs, ...rest.body.runs].map(({ id }) => id)).toEqual(runs);
  expect(rest.body.next).toBeNull();
  expect((await send("/runs?limit=2")).body.runs).toHaveLength(2);
});

test("only the operator gives a bot to somebody else", async () => {
  const { body } = await send("/owners", { body: { name: "Ann" } });
  const { text } = (await send(`/owners/${body.owner.id}/tokens`, { body: { name: "t", scopes: ["admin"] } })).body;
  const asOwner = { authorization: `Bearer ${text}` };
  const files = botFiles({ "/a": "" });
  const mine = (await send("/bots", { body: { files }, headers: asOwner })).body.bot.id;

  const away = { method: "PATCH", body: { owner_id: null }, headers: asOwner };
  expect(await send(`/bots/${mine}`, away)).toMatchObject({ status: 403, code: "scope_denied" });
  expect(await send("/bots?owner_id=own_1", { body: { files }, headers: asOwner })).toMatchObject({ status: 403 });
  expect(await send("/bots?owner_id=own_1", { body: { files } })).toMatchObject({ code: "owner_not_found" });
  const given = await send(`/bots/${mine}`, { method: "PATCH", body: { owner_id: null } });
  expect(given.body.bot.owner_id).toBeNull();
  expect((await send(`/bots/${mine}`, { headers: asOwner })).status).toBe(404);
  expect((await send("/audit?limit=1")).body.entries[0]).toMatchObject({ action: "bot.owner_changed", bot_id: mine });
});
