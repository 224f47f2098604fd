import { afterAll, beforeAll, expect, test } from "vitest";
import { exchange } from "../http/raw-socket.ts";
import { ADMIN_TOKEN, answerOf, openTestYard, type TestYard } from "./open.ts";

/** What callers try against the whole product, over sockets. The HTTP room's own tests try more against a part of it. */
let yard: TestYard;
let bot: number;
let user: number;
const logs: unknown[] = [];
beforeAll(async () => {
  yard = await openTestYard({ processes: 1, log: (line) => logs.push(line) });
  bot = await yard.bot({
    "/go": "Bot.setProperty('runs', Bot.getProperty('runs', 0) + 1); Bot.sendMessage('went')",
    "/big": "Bot.sendMessage('x'.repeat(100 * 1024 * 1024))",
    "/markup": "throw new Error('<img src=x onerror=alert(1)>')",
    __proto__x: "Bot.sendMessage('own')",
  });
  user = await yard.user(bot);
});
afterAll(() => yard.end());

const port = () => Number(new URL(yard.url).port);
const runs = async () => (await yard.catalog.property(bot, null, "runs"))?.value ?? 0;
const link = (command = "/go", more = {}) => yard.makeLink(bot, { command, ...more });

test("a link under one character of another is refused in the one body, and nothing runs", async () => {
  const good = new URL(await link("/go", { userId: user, content: "a", redirectTo: "https://good.test/" }));
  const query = good.search.slice(1);
  const before = await runs();
  const bodies = new Set<string>();

  for (let i = 0; i < query.length; i += 3) {
    const changed = `${query.slice(0, i)}${query[i] === "x" ? "y" : "x"}${query.slice(i + 1)}`;
    const answer = await answerOf(`${good.origin}${good.pathname}?${changed}`);
    expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
    bodies.add(JSON.stringify(answer.body.error));
  }
  for (const other of ["2", "999999"])
    bodies.add(JSON.stringify((await answerOf(good.href.replace(`/bots/${bot}/`, `/bots/${other}/`))).body.error));

  expect(bodies.size).toBe(1);
  expect(await runs()).toBe(before);
});

test("with a good signature the answer says what is missing: user, command, or that the bot is off", async () => {
  const other = await yard.bot({ "/go": "" });
  const gone = await yard.user(other);
  const links = {
    user: await yard.makeLink(other, { command: "/go", userId: gone }),
    command: await yard.makeLink(other, { command: "/none" }),
    bot: await yard.makeLink(other, { command: "/go" }),
  };
  const codeOf = async (url: string) => {
    const { status, body } = await answerOf(url);
    return `${status} ${body.error?.code ?? "ran"}`;
  };
  await yard.catalog.deleteUser(other, gone);

  const missing = [await codeOf(links.user), await codeOf(links.command), await codeOf(links.bot)];
  await yard.catalog.changeBot(other, { disabled: true });
  const off = await codeOf(links.bot);
  await yard.catalog.deleteBot(other);

  expect(missing).toEqual(["404 user_unknown", "404 command_unknown", "200 ran"]);
  expect([off, await codeOf(links.bot)]).toEqual(["403 bot_disabled", "403 link_signature_invalid"]);
});

test("links of a rotated key work within its overlap, and those of a revoked one not at all", async () => {
  const old = await link();
  const [{ kid = "" } = {}] = await yard.catalog.linkKeys(bot);

  await yard.catalog.rotateLinkKey(bot, 60);
  const within = await answerOf(old);
  await yard.catalog.revokeLinkKey(bot, kid);

  expect([within.status, (await answerOf(old)).status, (await answerOf(await link())).status]).toEqual([200, 403, 200]);
});

test("HEAD, OPTIONS and methods that a link does not take run nothing", async () => {
  const url = await link();
  const before = await runs();

  const statuses = [];
  for (const method of ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
    statuses.push((await fetch(url, { method })).status);
  const { pathname, search } = new URL(url);
  const raw = await exchange(port(), `TRACE ${pathname}${search} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);

  expect([...statuses, ...raw.statuses]).toEqual([200, 204, 405, 405, 405, 405]);
  expect(await runs()).toBe(before);
});

test("an answer of 100 MB is a limit's code, and the server goes on", async () => {
  const answer = await answerOf(await link("/big"));

  expect(answer.status).toBe(503);
  expect(["limit_bytes", "script_memory", "script_failed"]).toContain(answer.body.error.code);
  expect((await answerOf(await link())).status).toBe(200);
});

test("markup in what went wrong, in a path and in a query reaches no answer as markup", async () => {
  for (const url of [await link("/markup"), `${yard.url}/<b>?callback=alert`, `${yard.url}/api/v1/<b>`]) {
    const answer = await fetch(url);

    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await answer.text()).not.toMatch(/[<>]|^alert/);
  }
});

test.each([
  ["both lengths", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"],
  ["an odd coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
  ["two codings", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"],
  ["a folded header", "X-A: a\r\n b\r\n\r\n"],
  ["a blank before the colon", "X-A : a\r\n\r\n"],
  ["a second Host", "Host: b\r\n\r\n"],
  ["a hexadecimal mark in a chunk's size", "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"],
])("a request with %s is refused, its connection closed, and nothing runs", async (_, rest) => {
  const { pathname, search } = new URL(await link());
  const before = await runs();

  const { statuses } = await exchange(port(), `POST ${pathname}${search} HTTP/1.1\r\nHost: a\r\n${rest}`);

  expect(statuses).toEqual([400]);
  expect(await runs()).toBe(before);
});

test("whatever host is named, links that are made lead to the public address", async () => {
  const body = '{"command":"/go"}';
  const head = `Authorization: Bearer ${ADMIN_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nX-Forwarded-Host: evil.test\r\nConnection: close\r\n\r\n${body}`;

  for (const [target, host] of [
    [`/api/v1/bots/${bot}/links`, "a:80@evil.test"],
    [`/api/v1/bots/${bot}/links`, "evil.test"],
    [`http://evil.test/api/v1/bots/${bot}/links`, "other.test"],
  ]) {
    const { text } = await exchange(port(), `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${head}`);

    expect(text).toContain(`"url":"${yard.url}/v1/bots/`);
    expect(text).not.toContain("evil.test");
  }
});

test("long and odd command names are matched as plain text", async () => {
  const names = ["a".repeat(4_000), " /-".repeat(1_000), ".*+?()[]{}|^$\\", "constructor", "toString", "then", "é‮💰"];

  for (const command of names) {
    const answer = await yard.api("POST", `/bots/${bot}/runs`, { command });
    expect([404, 400]).toContain(answer.status);
  }

  for (const name of ["__proto__", "constructor", "hasOwnProperty", "then", "💰", "‮x"]) {
    const made = await yard.api("POST", `/bots/${bot}/commands`, {
      name,
      code: `Bot.sendMessage('is ${name.length}')`,
    });
    const run = await yard.api("POST", `/bots/${bot}/runs`, { command: name });
    expect([made.status, run.body.run?.answer]).toEqual([201, `is ${name.length}`]);
  }
});

test("an extra member changes nothing of a bot, and no prototype", async () => {
  for (const body of [
    '{"name":"x","id":9}',
    '{"name":"x","isAdmin":true}',
    '{"name":"x","__proto__":{"admin":true}}',
    '{"name":{"$gt":""}}',
    '{"constructor":{"prototype":{"x":1}}}',
  ]) {
    const answer = await answerOf(`${yard.url}/api/v1/bots/${bot}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body,
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "field_invalid" } } });
  }
  expect((await yard.catalog.bot(bot))?.name).toBe("testbot");
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
});

test("no signature, token or content of a call is in any line of the log", async () => {
  const url = await link("/go", { content: "content-of-nobody" });
  await answerOf(url);
  await answerOf(`${yard.url}/api/v1/bots?token=${ADMIN_TOKEN}`);

  const written = JSON.stringify(logs);
  expect(written).not.toContain(new URL(url).searchParams.get("sig"));
  expect(written).not.toContain(ADMIN_TOKEN);
  expect(written).not.toContain("content-of-nobody");
});
