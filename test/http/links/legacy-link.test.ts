import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { BotMeta } from "../../../src/core/bot.ts";
import type { LegacyAuthority } from "../../../src/core/catalog.ts";
import { legacyToken } from "../../../src/http/links/legacy-token.ts";
import { META } from "../api/api-yard.ts";
import { BOT, fakeOwners, startYard, TOKEN } from "../fake-yard.ts";
import type { FakeYardParts } from "../fake-yard.ts";

const BOT_TOKEN = "123:ABC";
const PATH = `/v1/bots/${BOT}/new-webhook`;
const sha256 = (text: string) => createHash("sha256").update(text).digest();

interface Setting extends Partial<BotMeta> {
  token?: string | null;
  oldKey?: string;
}

/** A yard whose bot 77 has legacy links on, unless a test says otherwise. */
async function start({ token = BOT_TOKEN, oldKey, ...meta }: Setting = {}, parts: FakeYardParts = {}) {
  const authority: LegacyAuthority = {
    bot: { ...META, legacy_links: true, ...meta },
    token,
    legacyKeySha256: oldKey === undefined ? null : sha256(oldKey),
  };
  const legacyAuthority = (id: number) => Promise.resolve(id === BOT ? authority : null);
  const yard = await startYard({ ...parts, catalog: { legacyAuthority } });
  const call = async (query: string, init: RequestInit = {}, path = PATH) => {
    const answer = await fetch(`${yard.url}${path}?${query}`, { redirect: "manual", ...init });
    return { status: answer.status, text: await answer.text(), location: answer.headers.get("location") };
  };
  const why = () => yard.logs.filter(({ event }) => event === "link.legacy_refused").map((line) => line["why"]);
  return { ...yard, call, why };
}

/** A query as the old library builds it. */
function query(command: string, { userId = "", more = "", token = BOT_TOKEN } = {}): string {
  const proof = legacyToken({ botToken: token, userId, command });
  const user = userId === "" ? "" : `&user_id=${userId}`;
  return `&command=${encodeURIComponent(command)}&public_user_token=${proof}${user}${more}`;
}

test.each([
  ["42", "4d18f8a083950ec8a0257f7ead77538c"],
  ["", "f9fa46e9c7c8db0f0b8115f8edcccede"],
])("the token of user %j is the one that the old library makes", (userId, expected) => {
  expect(legacyToken({ botToken: BOT_TOKEN, userId, command: "/onWebhook" })).toBe(expected);
});

test("the token of a command beyond ASCII is made of the low bytes of its units", () => {
  const command = "💰 оплата";
  const units = [...`${BOT_TOKEN}-7-${command} Salt is very salty!`.split("")].map((unit) => unit.charCodeAt(0) & 0xff);

  const token = legacyToken({ botToken: BOT_TOKEN, userId: "7", command });

  expect(token).toBe(createHash("md5").update(Uint8Array.from(units)).digest("hex"));
  expect(token).not.toBe(createHash("md5").update(`${BOT_TOKEN}-7-${command} Salt is very salty!`).digest("hex"));
});

test.each(["", "&"])("a link in the old form runs its command for its user (%j before the query)", async (stray) => {
  const yard = await start();

  const answer = await yard.call(stray + query("/pay 💰", { userId: "42", more: "&content=a%20b&x=1" }).slice(1));

  expect(answer).toMatchObject({ status: 200, text: '{"answer":"hello"}' });
  expect(yard.runs).toMatchObject([
    { botId: BOT, command: "/pay 💰", userId: 42, content: "a b", options: { legacy: true, params: { x: "1" } } },
  ]);
});

test("a link without a user runs without one, and a body is its content", async () => {
  const yard = await start();

  await yard.call(query("/on"), { method: "POST", body: "paid" });
  await yard.call(`${query("/on")}&user_id=`);

  expect(yard.runs.map(({ userId, content }) => [userId, content])).toEqual([
    [undefined, "paid"],
    [undefined, ""],
  ]);
});

test("what proves a link reaches no script and no log", async () => {
  const yard = await start({ oldKey: "an-old-key" });
  const proof = legacyToken({ botToken: BOT_TOKEN, userId: "", command: "/on" });

  await yard.call(query("/on"));
  await yard.call("api_key=an-old-key&command=%2Fon");
  await yard.call("api_key=an-other-key&command=%2Fon");

  const seen = JSON.stringify([yard.runs, yard.logs]);
  expect(yard.runs).toHaveLength(2);
  expect(seen).toContain("public_user_token=***");
  for (const secret of [proof, "an-old-key", "an-other-key", BOT_TOKEN]) expect(seen).not.toContain(secret);
});

test.each([
  ["a token of another command", {}, query("/a").replace("command=%2Fa", "command=%2Fb")],
  ["a token of another user", {}, `${query("/a")}&user_id=42`],
  ["a token of another bot token", {}, query("/a", { token: "123:ABD" })],
  ["a token in upper case", {}, query("/a").replace(/token=(\w+)/, (_, hex: string) => `token=${hex.toUpperCase()}`)],
  ["a token of nothing", {}, "command=%2Fa&public_user_token="],
  ["a bot without a token", { token: null }, query("/a", { token: "null" })],
  ["a command twice", {}, `${query("/a")}&command=%2Fa`],
  ["a user in brackets", {}, `${query("/a")}&user_id[]=42`],
  ["a user that is no id", {}, query("/a", { userId: "1e3" })],
  ["no command", {}, query("")],
  ["a command that cannot be read", {}, query("/a").replace("%2Fa", "%2Fa%FF")],
  ["legacy links off", { legacy_links: false }, query("/a")],
  ["nothing said, and off by default", { legacy_links: undefined }, query("/a")],
  ["a wrong key", { oldKey: "right" }, "api_key=wrong&command=%2Fa"],
  ["the key that the old library writes by mistake", { oldKey: "right" }, "api_key=undefined&command=%2Fa"],
  ["no key", {}, "api_key=&command=%2Fa"],
  ["a key that is off", { oldKey: "right", legacy_links: false }, "api_key=right&command=%2Fa"],
])("%s gets the one refusal, and nothing runs", async (_what, setting, text) => {
  const yard = await start(setting as Setting);
  const unknown = await yard.call(query("/a"), {}, "/v1/bots/78/new-webhook");

  const answer = await yard.call(text);

  expect(answer.status).toBe(403);
  const code = (body: string) => (JSON.parse(body) as { error: object }).error;
  expect(code(answer.text)).toEqual(code(unknown.text));
  expect(yard.runs).toEqual([]);
  expect(yard.why()).toHaveLength(2);
});

test("a bot that says nothing does as the operator has it", async () => {
  const on = await start({ legacy_links: undefined } as Setting, { legacyLinks: true });
  const off = await start({ legacy_links: false }, { legacyLinks: true });

  expect((await on.call(query("/a"))).status).toBe(200);
  expect((await off.call(query("/a"))).status).toBe(403);
});

test("the log says what was wrong, and the answer does not", async () => {
  const yard = await start({ redirect_hosts: ["good.test"] });

  await yard.call(query("/a", { token: "1:x" }));
  await yard.call(query("/a", { more: "&redirect_to=https://evil.test" }));

  expect(yard.why()).toEqual(["token or key wrong", "host of redirect_to not listed"]);
});

const HOSTS = ["good.test", "good.test:8443", "xn--bcher-kva.test"];
test.each([
  ["https://good.test/thanks?x=1#y", "https://good.test/thanks?x=1#y"],
  ["http://GOOD.test", "http://good.test/"],
  ["https://good.test:443/", "https://good.test/"],
  ["https://good.test:8443/", "https://good.test:8443/"],
  ["https://b\u00fccher.test/", "https://xn--bcher-kva.test/"],
  ["https://good\u3002test/", "https://good.test/"],
])("a redirect to %s goes where the bot lists", async (target, location) => {
  const yard = await start({ redirect_hosts: HOSTS });

  const answer = await yard.call(query("/a", { more: `&redirect_to=${encodeURIComponent(target)}` }));

  expect(answer).toMatchObject({ status: 303, location });
});

test.each([
  ...["https://good.test.evil.test", "https://evilgood.test", "https://sub.good.test", "https://good.test."],
  ...["https://good.test@evil.test", "https://evil.test/https://good.test", "https://good.test:8444/"],
  ...["//good.test", "javascript:alert(1)//good.test", "https:good.test", "https://good.test\\@evil.test", "good.test"],
  ...["data:text/html,good.test", "https://g\u043eod.test", "https://evil.test#good.test", " https://good.test"],
])("a redirect to %s goes nowhere, and nothing runs", async (target) => {
  const yard = await start({ redirect_hosts: HOSTS });

  const answer = await yard.call(query("/a", { more: `&redirect_to=${encodeURIComponent(target)}` }));

  expect(answer).toMatchObject({ status: 403, location: null });
  expect(yard.runs).toEqual([]);
});

test("without a list of hosts there is no redirect at all", async () => {
  const yard = await start();

  expect((await yard.call(query("/a", { more: "&redirect_to=https://good.test" }))).status).toBe(403);
  expect((await yard.call(query("/a", { more: "&redirect_to=" }))).status).toBe(200);
});

test("the key that stood in old links works where it was given, and is held to the same rule for redirects", async () => {
  const yard = await start({ oldKey: "an-old-key", redirect_hosts: HOSTS });
  const text = "api_key=an-old-key&command=%2Fa&user_id=5";

  expect((await yard.call(text)).status).toBe(200);
  expect((await yard.call(`${text}&redirect_to=https://good.test/`)).status).toBe(303);
  expect((await yard.call(`${text}&redirect_to=https://evil.test/`)).status).toBe(403);
  expect(yard.runs.map(({ userId }) => userId)).toEqual([5, 5]);
});

test("a key of whoever has the bot works in a link, and a key of somebody else does not", async () => {
  const scopes: Record<string, readonly string[]> = { mine: ["run"], reading: ["read"], theirs: ["run"] };
  const authenticate = (text: string) => {
    const found = scopes[text];
    const token = { id: "tkn_1", owner_id: text === "theirs" ? "own_2" : "own_1", name: "", prefix: "", scopes: found };
    return Promise.resolve(found ? { ...token, created_at: "", expires_at: null, last_used_at: null } : null);
  };
  const owners = fakeOwners({ authenticate: authenticate as never });
  const owned = await start({ owner_id: "own_1" }, { owners });
  const operators = await start({ owner_id: null }, { owners });
  const statuses = (yard: typeof owned) =>
    Promise.all(
      ["mine", "reading", "theirs", TOKEN].map(async (key) => (await yard.call(`api_key=${key}&command=%2Fa`)).status),
    );

  expect(await statuses(owned)).toEqual([200, 403, 403, 403]);
  expect(await statuses(operators)).toEqual([403, 403, 403, 200]);
});

test("a signed link stays one whatever a caller appends to it", async () => {
  const yard = await start({ legacy_links: false });

  const [path = "", signed = ""] = (await yard.link({ command: "/go" })).split("?");
  const answer = await yard.call(`${signed}&api_key=abc&public_user_token=def`, {}, path);

  expect(answer.status).toBe(200);
  expect(yard.runs[0]?.options).not.toHaveProperty("legacy");
});

test("too many wrong ones from an address are counted as wrong signatures are", async () => {
  const yard = await start({}, { rateLimits: { api: 0, links: 0, wrong: 2 } });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await yard.call(query("/a", { token: `${i}:x` }))).status);

  expect(statuses).toEqual([403, 403, 429]);
  expect((await yard.call(query("/a"))).status).toBe(200);
});
