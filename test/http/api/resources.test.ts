import { expect, test } from "vitest";
import { AppError } from "../../../src/core/errors.ts";
import type { RunQuery } from "../../../src/core/ledger.ts";
import { BOT, doneRun, failedRun, NOW, PUBLIC_URL } from "../fake-yard.ts";
import { META, startApi, USER } from "./api-yard.ts";

const trigger = { botId: BOT, source: "api" as const, command: "/go", content: "", options: null };

test("lists bots", async () => {
  const { call } = await startApi({ catalog: { bots: () => Promise.resolve([META]) } });

  expect(await call("/bots")).toMatchObject({ status: 200, json: { bots: [META] } });
});

const none = { added: [], changed: [], removed: [] };
const changes = { name: null, commands: none, libs: none, files: none };

test("imports a bot, and then its next version", async () => {
  const imported: unknown[] = [];
  const note = { level: "warning" as const, file: "a.js", line: 1, message: "<b>" };
  const { call } = await startApi({
    importBot: (given, id) => {
      imported.push([given, id]);
      return Promise.resolve({ bot: META, report: [note], changes });
    },
  });
  const files = [{ path: "commands/a.js", text: "/*CMD\n  command: /a\nCMD*/" }];

  const made = await call("/bots", { body: { files } });
  const changed = await call(`/bots/${BOT}/code`, { method: "PUT", body: { files } });

  expect(made).toMatchObject({ status: 201, json: { bot: META, report: [note] } });
  expect(changed).toMatchObject({ status: 200, json: { bot: META, report: [note], changes } });
  expect(imported).toEqual([
    [files, undefined],
    [files, BOT],
  ]);
});

test("says what an import would do, and does not do it", async () => {
  const { call } = await startApi({ tryImport: () => Promise.resolve({ report: [], changes }) });
  const body = { files: [{ path: "commands/a.js", text: "" }] };

  const made = await call("/bots?dry_run=true", { body });
  const changed = await call(`/bots/${BOT}/code?dry_run=true`, { method: "PUT", body });
  const unclear = await call("/bots?dry_run=1", { body });

  expect(made).toMatchObject({ status: 200, json: { bot: null, report: [], changes } });
  expect(changed).toMatchObject({ status: 200, json: { bot: META, report: [], changes } });
  expect(unclear).toMatchObject({ status: 400, json: { error: { field: "dry_run" } } });
});

test("gives a bot's files and its earlier states, and brings one back", async () => {
  const files = [{ path: "bot.json", text: "{}" }];
  const point = { version: 3, name: "demo", disabled: false, commands: 1, libs: 0, kept_at: META.updated_at };
  const asked: unknown[] = [];
  const { call } = await startApi({
    exportBot: () => Promise.resolve(files),
    catalog: {
      restorePoints: () => Promise.resolve([point]),
      restoreBot: (id, version) => {
        asked.push([id, version]);
        return Promise.resolve(META);
      },
    },
  });

  expect(await call(`/bots/${BOT}/files`)).toMatchObject({ status: 200, json: { files } });
  expect(await call(`/bots/${BOT}/restore-points`)).toMatchObject({ status: 200, json: { restore_points: [point] } });
  expect(await call(`/bots/${BOT}/restore`, { body: {} })).toMatchObject({ status: 200, json: { bot: META } });
  expect(await call(`/bots/${BOT}/restore`, { body: { version: 3 } })).toMatchObject({ status: 200 });
  expect(asked).toEqual([
    [BOT, undefined],
    [BOT, 3],
  ]);
});

test("says why a folder cannot be imported", async () => {
  const { call } = await startApi({
    importBot: () => Promise.reject(new AppError("import_invalid", "a.js: no command name")),
  });

  const answer = await call("/bots", { body: { files: [{ path: "a.js", text: "" }] } });

  expect(answer).toMatchObject({
    status: 400,
    json: { error: { code: "import_invalid", message: "a.js: no command name" } },
  });
});

test("takes an import of 20 MB", async () => {
  const { call } = await startApi({ importBot: () => Promise.resolve({ bot: META, report: [], changes }) });

  const answer = await call("/bots", { body: { files: [{ path: "a.js", text: "a".repeat(20 * 1024 * 1024) }] } });

  expect(answer.status).toBe(201);
});

test("shows a bot with its commands and libraries, without their code", async () => {
  const command = {
    ...{ id: 1, name: "/go", aliases: ["go"], help: "", answer: "", keyboard: "", need_reply: false },
    ...{ auto_retry_time: 0, folder: "", group: "", code: "1", file: "commands/go.js", code_line: 1 },
  };
  const lib = { name: "L", code: "2", file: "libs/L.js" };
  const definition = { meta: META, commands: [command], libs: [lib] };
  const { call } = await startApi({ catalog: { definition: (id) => Promise.resolve(id === BOT ? definition : null) } });

  expect((await call(`/bots/${BOT}`)).json).toEqual({
    bot: META,
    commands: [{ id: 1, name: "/go", aliases: ["go"], file: "commands/go.js" }],
    libs: [{ name: "L", file: "libs/L.js" }],
  });
  expect((await call("/bots/78")).json).toMatchObject({ error: { code: "bot_not_found" } });
});

test("switches a bot off, and deletes it", async () => {
  const done: unknown[] = [];
  const { call } = await startApi({
    catalog: {
      changeBot: (id, change) => Promise.resolve({ ...META, id, disabled: change.disabled === true }),
      deleteBot: (id) => Promise.resolve(void done.push(id)),
    },
  });

  const off = await call(`/bots/${BOT}`, { method: "PATCH", body: { disabled: true } });
  const deleted = await call(`/bots/${BOT}`, { method: "DELETE" });

  expect(off).toMatchObject({ status: 200, json: { bot: { disabled: true } } });
  expect(deleted).toMatchObject({ status: 204, json: null });
  expect(done).toEqual([BOT]);
});

test("adds, lists and deletes users", async () => {
  const deleted: number[] = [];
  const chat = {
    id: 6,
    bot_id: BOT,
    chatid: 12,
    title: "",
    chat_type: "private" as const,
    user_id: 5,
    created_at: "",
    updated_at: "",
  };
  const added: unknown[] = [];
  const { call } = await startApi({
    catalog: {
      users: () => Promise.resolve([USER]),
      addUser: (_, user) => {
        added.push(user);
        return Promise.resolve({ user: USER, chat });
      },
      deleteUser: (_, id) =>
        id === 5
          ? Promise.resolve(void deleted.push(id))
          : Promise.reject(new AppError("user_unknown", "no such user")),
    },
  });

  const made = await call(`/bots/${BOT}/users`, { body: { telegramid: 12, first_name: "Ann" } });

  expect(made).toMatchObject({ status: 201, json: { user: USER, chat } });
  expect(added).toEqual([{ telegramid: 12, first_name: "Ann" }]);
  expect((await call(`/bots/${BOT}/users`)).json).toEqual({ users: [USER], next: null });
  expect((await call(`/bots/${BOT}/users/5`, { method: "DELETE" })).status).toBe(204);
  expect((await call(`/bots/${BOT}/users/6`, { method: "DELETE" })).json).toMatchObject({
    error: { code: "user_unknown" },
  });
  expect(deleted).toEqual([5]);
});

test("makes links that run", async () => {
  const yard = await startApi();
  const body = {
    command: "/go x",
    content: "c",
    user_id: 5,
    redirect_to: "https://a.test/",
    exp_seconds: 60,
    once: true,
  };

  const { status, json } = await yard.call(`/bots/${BOT}/links`, { body });
  const { url } = json as unknown as { url: string };
  const answer = await fetch(url.replace(PUBLIC_URL, yard.url), { redirect: "manual" });

  expect(status).toBe(200);
  expect(new URL(url).searchParams.get("exp")).toBe(String(NOW / 1000 + 60));
  expect(answer.status).toBe(303);
  expect(yard.runs).toMatchObject([{ command: "/go x", content: "c", userId: 5, once: { kid: "key_1" } }]);
});

test.each([
  ["redirect_invalid", "redirect_to", { command: "/go", redirect_to: "javascript:1" }],
  ["field_invalid", "exp", { command: "/go", exp: 1 }],
  ["field_invalid", "exp", { command: "/go", exp: 4e9, exp_seconds: 5 }],
  ["field_invalid", "exp_seconds", { command: "/go", exp_seconds: 0 }],
  ["field_invalid", "user_id", { command: "/go", user_id: "5" }],
  ["field_invalid", "command", { command: "  " }],
  ["field_invalid", "human", { command: "/go", human: true }],
])("refuses to make a link: %s in %s", async (code, field, body) => {
  const { call } = await startApi();

  expect(await call(`/bots/${BOT}/links`, { body })).toMatchObject({ status: 400, json: { error: { code, field } } });
});

test("runs a command and gives the record, of a failed run too", async () => {
  const yard = await startApi({ run: (given) => failedRun(given, "script_failed", "thrown") });

  const answer = await yard.call(`/bots/${BOT}/runs`, {
    body: { command: "/go", user_id: 5, text: "/go now", content: "c", options: { a: [1] } },
  });

  expect(answer).toMatchObject({ status: 200, json: { run: { state: "failed", error: { message: "thrown" } } } });
  expect(yard.runs).toEqual([
    { botId: BOT, source: "api", command: "/go", message: "/go now", userId: 5, content: "c", options: { a: [1] } },
  ]);
});

test("runs a typed command without options", async () => {
  const yard = await startApi();

  await yard.call(`/bots/${BOT}/runs`, { body: { command: "/go" } });

  expect(yard.runs).toEqual([trigger]);
});

test("answers a run that could not begin with its error", async () => {
  const { call } = await startApi({ run: () => Promise.reject(new AppError("command_unknown", "no /go")) });

  const answer = await call(`/bots/${BOT}/runs`, { body: { command: "/go" } });

  expect(answer).toMatchObject({ status: 404, json: { error: { code: "command_unknown" } } });
});

test("pages through runs, of one bot or of all", async () => {
  const asked: RunQuery[] = [];
  const { call } = await startApi({
    runRecords: (query) => {
      asked.push(query);
      return Promise.resolve([doneRun(trigger), { ...doneRun(trigger), id: "run_0" }]);
    },
  });

  expect((await call(`/bots/${BOT}/runs?failed=true&limit=2&before=run_9`)).json).toMatchObject({ next: "run_0" });
  expect((await call("/runs?limit=999999")).json).toMatchObject({
    runs: [{ id: "run_1" }, { id: "run_0" }],
    next: null,
  });
  expect((await call("/bots/78/runs")).status).toBe(404);
  expect(asked).toEqual([{ bot: BOT, failed: true, limit: 2, before: "run_9" }, { limit: 200 }]);
});

test("shows one run", async () => {
  const record = doneRun(trigger);
  const { call } = await startApi({ runRecord: (id) => Promise.resolve(id === record.id ? record : null) });

  expect((await call("/runs/run_1")).json).toEqual({ run: record });
  expect(await call("/runs/run_2")).toMatchObject({ status: 404, json: { error: { code: "run_not_found" } } });
});

test("reads, writes and deletes properties under any name", async () => {
  const stored = new Map<string, unknown>();
  const key = (owner: number | null, name: string) => JSON.stringify([owner, name]);
  const { call } = await startApi({
    catalog: {
      property: (_, owner, name) =>
        Promise.resolve(stored.has(key(owner, name)) ? { name, user_id: owner, value: 1, type: "integer" } : null),
      setProperty: (_, owner, name, value, type) => {
        stored.set(key(owner, name), [value, type]);
        return Promise.resolve({ name, user_id: owner, value, type: "json" });
      },
      deleteProperty: (_, owner, name) => Promise.resolve(stored.delete(key(owner, name))),
    },
  });

  for (const name of [
    "a",
    "$gt",
    "a.b",
    "__proto__",
    "a/b",
    "a%2Fb",
    "é💰",
    "a b+c",
    "?#",
    "' OR 1=1 --",
    "constructor",
    "%_",
  ]) {
    const path = `/bots/${BOT}/properties/${encodeURIComponent(name)}`;
    const missing = await call(path);
    const put = await call(`${path}?user_id=5`, { method: "PUT", body: { value: { $gt: "" }, type: "json" } });

    expect(missing).toMatchObject({ status: 404, json: { error: { code: "property_not_found" } } });
    expect(put).toMatchObject({ status: 200, json: { property: { name, user_id: 5, value: { $gt: "" } } } });
    expect(stored.get(key(5, name))).toEqual([{ $gt: "" }, "json"]);
    expect((await call(`${path}?user_id=5`)).json).toEqual({
      property: { name, user_id: 5, value: 1, type: "integer" },
    });
    expect((await call(path, { method: "DELETE" })).status).toBe(404);
    expect((await call(`${path}?user_id=5`, { method: "DELETE" })).status).toBe(204);
  }
  expect(stored.size).toBe(0);
});

test.each([
  ["%ZZ", "encoding_invalid"],
  ["%C3%28", "encoding_invalid"],
  ["a%00b", "field_invalid"],
  ["a".repeat(257), "field_invalid"],
  ["", "route_not_found"],
])("refuses a property whose name is %j", async (name, code) => {
  const { call } = await startApi();

  expect((await call(`/bots/${BOT}/properties/${name}`)).json).toMatchObject({ error: { code } });
});

test("lists the properties of everybody, or of one user", async () => {
  const asked: unknown[] = [];
  const { call } = await startApi({
    catalog: {
      properties: (...given) => {
        asked.push(given);
        return Promise.resolve([]);
      },
    },
  });

  expect((await call(`/bots/${BOT}/properties`)).json).toEqual({ properties: [], next: null });
  await call(`/bots/${BOT}/properties?user_id=5`);
  expect(await call(`/bots/${BOT}/properties?user_id=6`)).toMatchObject({ json: { error: { code: "user_unknown" } } });
  expect(await call("/bots/78/properties")).toMatchObject({ json: { error: { code: "bot_not_found" } } });
  expect(asked).toEqual([[BOT], [BOT, 5]]);
});

test("lists, rotates and revokes link keys", async () => {
  const done: unknown[] = [];
  const key = { kid: "key_2", created_at: "", expires_at: null };
  const { call, keys } = await startApi({
    catalog: {
      rotateLinkKey: (id, overlapSeconds) => {
        done.push([id, overlapSeconds]);
        return Promise.resolve(key);
      },
      revokeLinkKey: (_, kid) =>
        kid === "key_1" ? Promise.resolve() : Promise.reject(new AppError("key_not_found", "no such key")),
    },
  });

  expect((await call(`/bots/${BOT}/keys`)).json).toEqual({ keys, next: null });
  expect((await call(`/bots/${BOT}/keys/rotate`, { body: {} })).json).toEqual({ key });
  await call(`/bots/${BOT}/keys/rotate`, { body: { overlap_seconds: 0 } });
  expect((await call(`/bots/${BOT}/keys/rotate`, { body: { overlap_seconds: 604_801 } })).status).toBe(400);
  expect((await call(`/bots/${BOT}/keys/key_1`, { method: "DELETE" })).status).toBe(204);
  expect((await call(`/bots/${BOT}/keys/key_9`, { method: "DELETE" })).status).toBe(404);
  expect(done).toEqual([
    [BOT, 86_400],
    [BOT, 0],
  ]);
});
