import { beforeEach, expect, test } from "vitest";
import { AppError, type ErrorCode } from "../../../src/core/errors.ts";
import { BOT, NOW, PUBLIC_URL, doneRun, failedRun, linkSecret, startYard, type FakeYard } from "../fake-yard.ts";
import { canonicalQuery, canonicalText, linkPath, type SignedName } from "../../../src/http/links/canonical.ts";
import { sign } from "../../../src/http/links/signature.ts";

let yard: FakeYard;
beforeEach(async () => {
  yard = await startYard();
});

const call = (target: string, init: RequestInit = {}, at = yard) =>
  fetch(at.url + target, { redirect: "manual", ...init });
const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

test("runs the command of a link with its user and content, and hands the answer over", async () => {
  const link = await yard.link({ command: "/pay 💰 a+b&c", content: "x y", userId: 42 });

  const answer = await call(link);

  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(await answer.text()).toBe('{"answer":"hello"}');
  expect(yard.runs).toMatchObject([
    { botId: BOT, source: "link", command: "/pay 💰 a+b&c", userId: 42, content: "x y", options: { method: "GET" } },
  ]);
});

test("says null where the run had nothing to say", async () => {
  const silent = await startYard({ run: (trigger) => doneRun(trigger, null) });

  expect(await (await call(await silent.link({ command: "/go" }), {}, silent)).text()).toBe('{"answer":null}');
});

test("runs a global link without a user, also where user_id is there and empty", async () => {
  const signed = new Map<SignedName, string>([
    ["command", "/go"],
    ["kid", "key_1"],
    ["user_id", ""],
  ]);
  const signature = sign(linkSecret(BOT, "key_1"), canonicalText(linkPath(BOT), signed));

  const answer = await call(`${linkPath(BOT)}?${canonicalQuery(signed)}&sig=${signature}`);

  expect(answer.status).toBe(200);
  expect(yard.runs).toHaveLength(1);
  expect(yard.runs[0]).not.toHaveProperty("userId");
});

test.each([
  ["user_id", "1e3"],
  ["exp", "-1"],
  ["exp", "1e400"],
  ["exp", "NaN"],
  ["exp", "123abc"],
  ["exp", "0xffffffff"],
  ["exp", "253402300800"],
  ["once", "a b"],
] as const)("does not believe a signed %s of %s, which we never write", async (name, value) => {
  const signed = new Map<SignedName, string>([
    ["command", "/go"],
    ["kid", "key_1"],
  ]).set(name, value);
  const signature = sign(linkSecret(BOT, "key_1"), canonicalText(linkPath(BOT), signed));

  const answer = await call(`${linkPath(BOT)}?${canonicalQuery(signed)}&sig=${signature}`);

  expect(await codeOf(answer)).toBe("link_signature_invalid");
  expect(yard.runs).toEqual([]);
});

test("accepts a link whatever the order and the encoding of its parameters, and with a stray &", async () => {
  const link = new URL(await yard.link({ command: "/a b", content: "ü" }), yard.url);
  const pairs = link.search.slice(1).split("&").reverse().join("&");
  const respelled = pairs.replace("%2Fa%20b", "/a+b").replace("%C3%BC", "%c3%bc");

  expect((await call(`${link.pathname}?&${respelled}&&`)).status).toBe(200);
});

test("runs until the second of exp, and not from then on", async () => {
  const exp = NOW / 1000 + 60;
  const link = await yard.link({ command: "/go", exp });

  yard.clock.now = exp * 1000 - 1;
  expect((await call(link)).status).toBe(200);
  yard.clock.now = exp * 1000;
  const late = await call(link);

  expect(late.status).toBe(403);
  expect(await codeOf(late)).toBe("link_expired");
  expect(yard.runs).toHaveLength(1);
});

test("runs a link that expires in the year 9999", async () => {
  expect((await call(await yard.link({ command: "/go", exp: 253_402_300_799 }))).status).toBe(200);
});

test("takes links of an old key until its overlap is over, and none of a revoked one", async () => {
  const link = await yard.link({ command: "/go" });
  yard.keys[0] = { kid: "key_1", created_at: "", expires_at: new Date(NOW + 1000).toISOString() };
  yard.keys.unshift({ kid: "key_2", created_at: "", expires_at: null });

  expect((await call(link)).status).toBe(200);
  expect((await call(await yard.link({ command: "/go" }))).status).toBe(200);
  yard.clock.now = NOW + 1000;
  expect((await call(link)).status).toBe(403);
  yard.clock.now = NOW;
  yard.keys.pop();
  expect((await call(link)).status).toBe(403);
});

test("passes the mark of a once link on, a different one for each link", async () => {
  await call(await yard.link({ command: "/go", once: true }));
  await call(await yard.link({ command: "/go", once: true }));

  const marks = yard.runs.map(({ once }) => once);
  expect(marks[0]).toMatchObject({ kid: "key_1", nonce: expect.stringMatching(/^[\w-]{22,}$/) as string });
  expect(marks[0]?.nonce).not.toBe(marks[1]?.nonce);
});

test.each<[ErrorCode, number, string]>([
  ["link_used", 410, "link_used"],
  ["bot_disabled", 403, "bot_disabled"],
  ["command_unknown", 404, "command_unknown"],
  ["user_unknown", 404, "user_unknown"],
  ["bot_not_found", 403, "link_signature_invalid"],
  ["queue_full", 503, "queue_full"],
  ["commit_unknown", 500, "commit_unknown"],
])("answers %s with %i %s", async (code, status, told) => {
  const refusing = await startYard({ run: () => Promise.reject(new AppError(code, "because")) });

  const answer = await call(await refusing.link({ command: "/go" }), {}, refusing);

  expect(answer.status).toBe(status);
  expect(answer.headers.get("retry-after")).toBe(status === 503 ? "30" : null);
  expect(await codeOf(answer)).toBe(told);
});

test("tells neither text nor place of what a script threw", async () => {
  const failing = await startYard({ run: (trigger) => failedRun(trigger, "script_failed", "secret at /srv/a.js:1") });

  const answer = await call(await failing.link({ command: "/go", redirectTo: "https://a.test/" }), {}, failing);

  expect(answer.status).toBe(503);
  expect(answer.headers.get("location")).toBeNull();
  expect(answer.headers.get("retry-after")).toBe("30");
  expect(await answer.json()).toMatchObject({
    error: { code: "script_failed", message: "the command /go failed; see run_1" },
  });
});

test.each(["script_timeout", "script_memory", "limit_effects", "unsupported_member"])(
  "says which limit ended the run: %s",
  async (code) => {
    const failing = await startYard({ run: (trigger) => failedRun(trigger, code, "more than 5 of them") });

    const answer = await call(await failing.link({ command: "/go" }), {}, failing);

    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code, message: "more than 5 of them" } });
  },
);

test("calls a failure that it does not know a failed script", async () => {
  const failing = await startYard({ run: (trigger) => failedRun(trigger, "bot_not_found", "text of the script") });

  expect(await codeOf(await call(await failing.link({ command: "/go" }), {}, failing))).toBe("script_failed");
});

test("sends the caller on after a good run, to the address as the parser writes it", async () => {
  const link = await yard.link({ command: "/go", redirectTo: "HTTPS://Good。Test:443/a b".replace(" ", "%20") });

  const answer = await call(link);

  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("https://good.test/a%20b");
  expect(await answer.text()).toBe("");
});

test("refuses a signed redirect that today's rule does not allow, before the run", async () => {
  const signed = new Map<SignedName, string>([
    ["command", "/go"],
    ["kid", "key_1"],
    ["redirect_to", "javascript:alert(1)"],
  ]);
  const signature = sign(linkSecret(BOT, "key_1"), canonicalText(linkPath(BOT), signed));

  const answer = await call(`${linkPath(BOT)}?${canonicalQuery(signed)}&sig=${signature}`);

  expect(await codeOf(answer)).toBe("redirect_invalid");
  expect(answer.headers.get("location")).toBeNull();
  expect(yard.runs).toEqual([]);
});

test.each([
  ["HEAD", 200],
  ["OPTIONS", 204],
])("answers %s without a run and without a signature", async (method, status) => {
  const link = await yard.link({ command: "/go" });

  for (const target of [link, `${linkPath(BOT)}?sig=x`, `${linkPath(4711)}`]) {
    const answer = await call(target, { method });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toBe("");
  }
  expect(yard.runs).toEqual([]);
});

test.each(["PUT", "DELETE", "PATCH", "PROPFIND", "QUERY"])("does not take %s", async (method) => {
  const answer = await call(await yard.link({ command: "/go" }), { method });

  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(["GET", "HEAD", "OPTIONS", "POST"]);
  expect(await codeOf(answer)).toBe("method_not_allowed");
  expect(yard.runs).toEqual([]);
});

test("ignores a method override", async () => {
  await call(await yard.link({ command: "/go" }), { method: "POST", headers: { "x-http-method-override": "DELETE" } });

  expect(yard.runs).toMatchObject([{ options: { method: "POST" } }]);
});

test("lets every page call a link, and never with credentials", async () => {
  const link = await yard.link({ command: "/go" });
  const headers = { origin: "https://evil.test" };
  const answers = [
    await call(link, { headers }),
    await call(`${link}x`, { headers }),
    await call(link, { headers, method: "PUT" }),
    await call(link, { headers: { ...headers, "access-control-request-method": "POST" }, method: "OPTIONS" }),
    await call(`${link}&${"a".repeat(9000)}`, { headers }),
    await call(link, { headers, method: "HEAD" }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 403, 405, 204, 414, 200]);
  for (const answer of answers) {
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    expect(answer.headers.get("access-control-expose-headers")).toBe("x-request-id, retry-after");
  }
  expect(answers[3]?.headers.get("access-control-allow-methods")).toBe("GET, POST");
});

test("shows the script the call, with the signature masked and header names in title case", async () => {
  const link = await yard.link({ command: "/go", content: "c" });

  await call(`${link}&order=5&sigh=1`, { headers: { "X-HUB-signature-256": "sha256=ab", hmac: "cd" } });

  const options = yard.runs[0]?.options;
  expect(options).toMatchObject({ method: "GET", params: { content: "c", order: "5", sigh: "1" }, ip: "127.0.0.1" });
  expect(options?.headers).toMatchObject({ "X-Hub-Signature-256": "sha256=ab", Hmac: "cd" });
  expect(options?.url).toBe(`${PUBLIC_URL}${link.replace(/sig=[^&]+/, "sig=***")}&order=5&sigh=1`);
});

test("replays a reusable link as often as it is called", async () => {
  const link = await yard.link({ command: "/go" });

  const answers = await Promise.all(Array.from({ length: 200 }, () => call(link)));

  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(yard.runs).toHaveLength(200);
});
