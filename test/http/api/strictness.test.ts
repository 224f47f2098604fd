import { expect, test } from "vitest";
import { API_PREFIX, createEndpoints } from "../../../src/http/api/api.ts";
import type { HttpDeps } from "../../../src/http/deps.ts";
import { exchange } from "../raw-socket.ts";
import { BOT, TOKEN } from "../fake-yard.ts";
import { META, startApi } from "./api-yard.ts";

const every = createEndpoints({} as HttpDeps).map(
  ({ method, path }) => [method, API_PREFIX + path.replace(/:\w+/g, "1")] as const,
);

test.each(every)("asks for the token before anything else: %s %s", async (method, path) => {
  const { url } = await startApi();

  const answer = await fetch(`${url}${path}?token=${TOKEN}&access_token=${TOKEN}&api_key=${TOKEN}`, {
    method,
    headers: { cookie: `token=${TOKEN}`, "content-type": "text/plain" },
    ...(method === "GET" || method === "DELETE" ? {} : { body: "{" }),
  });

  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ error: { code: "key_missing" } });
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
});

test.each([
  `bearer ${TOKEN}`,
  `BEARER ${TOKEN}`,
  `Bearer  ${TOKEN}`,
  `Bearer ${TOKEN}x`,
  `Bearer ${TOKEN.slice(1)}`,
  `Bearer ${TOKEN.toUpperCase()}`,
  `Bearer ${TOKEN},${TOKEN}`,
  `Basic ${Buffer.from(`:${TOKEN}`).toString("base64")}`,
  TOKEN,
  "Bearer",
  "",
])("refuses the header %j", async (authorization) => {
  const { call } = await startApi({ catalog: { bots: () => Promise.resolve([META]) } });

  const { status, json } = await call("/bots", { headers: { authorization } });

  expect(status).toBe(401);
  expect(json).toMatchObject({ error: { code: "key_invalid" } });
});

test.each([
  ["two Authorization headers", `Authorization: Bearer ${TOKEN}\r\nAuthorization: Bearer ${TOKEN}\r\n`, 401],
  ["a NUL after the token", `Authorization: Bearer ${TOKEN}\0\r\n`, 400],
])("refuses %s", async (_, header, status) => {
  const { port } = await startApi({ catalog: { bots: () => Promise.resolve([META]) } });

  const { statuses } = await exchange(
    port,
    `GET /api/v1/bots HTTP/1.1\r\nHost: a\r\n${header}Connection: close\r\n\r\n`,
  );

  expect(statuses).toEqual([status]);
});

test.each([
  ["null", "null", "body_not_object"],
  ["a number", "0", "body_not_object"],
  ["a string", '"x"', "body_not_object"],
  ["an array", "[]", "body_not_object"],
  ["true", "true", "body_not_object"],
  ["nothing", "", "json_invalid"],
  ["a BOM before JSON", '\uFEFF{"disabled":true}', "json_invalid"],
  ["NaN", '{"disabled":NaN}', "json_invalid"],
  ["a trailing comma", '{"disabled":true,}', "json_invalid"],
  ["a comment", '{"disabled":true/**/}', "json_invalid"],
  ["100,000 arrays", "[".repeat(1e5) + "]".repeat(1e5), "json_invalid"],
  ["101 levels", '{"a":'.repeat(101) + "1" + "}".repeat(101), "json_invalid"],
  ["an empty object", "{}", "field_invalid"],
  ["the wrong type", '{"disabled":"true"}', "field_invalid"],
])("refuses a body that is %s", async (_, body, code) => {
  const { call } = await startApi();

  const { status, json } = await call(`/bots/${BOT}`, { method: "PATCH", body });

  expect(status).toBe(400);
  expect(json?.error?.code).toBe(code);
});

test("refuses broken UTF-8 in JSON", async () => {
  const { url } = await startApi();

  const answer = await fetch(`${url}/api/v1/bots/${BOT}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: Buffer.from([...Buffer.from('{"a":"'), 0xff, ...Buffer.from('"}')]),
  });

  expect(await answer.json()).toMatchObject({ error: { code: "json_invalid" } });
});

test.each([
  ["text/plain", {}],
  ["application/x-json", {}],
  ["application/json;charset=utf-16", {}],
  ["application/json, text/plain", {}],
  ["application/jsonp", {}],
  ["application/vnd.api+json", {}],
  ["", {}],
  ["application/json", { "content-encoding": "gzip" }],
])("refuses the type %j with %j", async (type, headers) => {
  const { call } = await startApi();

  const answer = await call(`/bots/${BOT}`, {
    method: "PATCH",
    body: '{"disabled":true}',
    headers: { "content-type": type, ...headers },
  });

  expect(answer.status).toBe(415);
});

test("refuses two Content-Types", async () => {
  const { port } = await startApi();
  const types = "Content-Type: application/json\r\nContent-Type: text/plain\r\n";
  const head = `PATCH /api/v1/bots/${BOT} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\n${types}`;

  const { statuses } = await exchange(port, `${head}Content-Length: 2\r\nConnection: close\r\n\r\n{}`);

  expect(statuses).toEqual([415]);
});

test.each(["application/json; charset=utf-8", "Application/JSON;charset=UTF-8", 'application/json;charset="utf-8"'])(
  "takes the type %j",
  async (type) => {
    const { call } = await startApi({ catalog: { changeBot: () => Promise.resolve(META) } });

    const answer = await call(`/bots/${BOT}`, {
      method: "PATCH",
      body: '{"disabled":true}',
      headers: { "content-type": type },
    });

    expect(answer.status).toBe(200);
  },
);

test.each(["owner", "role", "_id", "secret", "quota", "createdAt", "isAdmin", "bot_id", "id", "constructor"])(
  "refuses the unknown field %s and changes nothing",
  async (field) => {
    const { call } = await startApi();

    const { status, json } = await call(`/bots/${BOT}`, { method: "PATCH", body: { disabled: true, [field]: 1 } });

    expect(status).toBe(400);
    expect(json?.error).toMatchObject({ code: "field_invalid", field });
  },
);

test("names the place of a wrong member", async () => {
  const { call } = await startApi();

  const { json } = await call("/bots", {
    body: {
      files: [
        { path: "a", text: "" },
        { path: "b", text: 5 },
      ],
    },
  });

  expect(json?.error).toMatchObject({ code: "field_invalid", field: "files[1].text" });
});

test.each([
  { command: { $gt: "" } },
  { command: { $ne: null } },
  { command: { $where: "sleep(5000)" } },
  { command: ["/go"] },
  { command: "/go", user_id: { $gt: 0 } },
  { command: "/go", user_id: "1" },
  { command: "/go", user_id: 1e300 },
  { command: "/go", user_id: -1 },
  { command: "/go", content: { $regex: "(a+)+$" } },
  { command: "/go", options: [] },
  { command: "a".repeat(50_000) },
])("never lets an object or a wrong kind through to a run: %j", async (body) => {
  const yard = await startApi();

  expect((await yard.call(`/bots/${BOT}/runs`, { body })).json?.error?.code).toBe("field_invalid");
  expect(yard.runs).toEqual([]);
});

test.each([
  "token[$gt]=",
  "id[$ne]=1",
  "sort[$where]=1",
  "fields=secret",
  "limit=1e9",
  "limit=-1",
  "limit=0",
  "limit=01",
  "limit=5&limit=6",
  "limit[]=5",
  "skip=1000000000000",
  "failed=1",
  "before=run_'--",
  "before=%ff",
  "__proto__=1",
  "user_id=x",
  "cursor=WzFd",
  "since=yesterday",
  "state=done&failed=true",
])("refuses the query %s", async (query) => {
  const { call } = await startApi({ runRecords: () => Promise.resolve([]) });

  const { status, json } = await call(`/runs?${query}`);

  expect(status).toBe(400);
  expect(["field_invalid", "encoding_invalid"]).toContain(json?.error?.code);
});

test("takes __proto__ in a body for nothing but data", async () => {
  const yard = await startApi();
  const body =
    '{"command":"/go","options":{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},"a":1,"a":2}}';

  await yard.call(`/bots/${BOT}/runs`, { body });

  expect(yard.runs[0]?.options).toMatchObject({ a: 2 });
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test("answers every id that is no bot here in the same way", async () => {
  const { call } = await startApi({ catalog: { definition: () => Promise.resolve(null) } });

  const answers = new Set<string>();
  for (const id of [
    "78",
    "0",
    "-1",
    "007",
    "1e3",
    "1.0",
    "abc",
    "9".repeat(30),
    "%37%37",
    "1;x=1",
    "$gt",
    "__proto__",
  ]) {
    const { status, json } = await call(`/bots/${id}`);
    answers.add(`${status} ${JSON.stringify(json?.error)}`);
  }

  expect([...answers]).toEqual(['404 {"code":"bot_not_found","message":"there is no such bot"}']);
});

test.each(["https://evil.test", "null", "http://localhost"])("gives the origin %s no grant", async (origin) => {
  const { call, url } = await startApi({ catalog: { bots: () => Promise.resolve([]) } });

  const answer = await call("/bots", { headers: { origin } });
  const preflight = await fetch(`${url}/api/v1/bots`, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
  });

  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  expect(preflight.status).toBe(405);
  expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("refuses a body above the cap without a run", async () => {
  const yard = await startApi();

  const answer = await yard.call(`/bots/${BOT}/runs`, { body: { command: "/go", content: "a".repeat(1024 * 1024) } });

  expect(answer).toMatchObject({ status: 413, json: { error: { code: "body_too_large" } } });
  expect(yard.runs).toEqual([]);
});
