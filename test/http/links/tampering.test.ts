import { beforeEach, expect, test } from "vitest";
import { BOT, startYard, type FakeYard } from "../fake-yard.ts";

const ALL_FIELDS = {
  command: "/onWebhook Pay 1",
  content: "Did you see the cat? é💰",
  userId: 42,
  redirectTo: "https://cataas.com/cat?a=b",
  exp: 1_800_000_000,
  once: true,
};
let yard: FakeYard;
let path: string;
let fields: Map<string, string>;

beforeEach(async () => {
  yard = await startYard();
  const link = new URL(await yard.link(ALL_FIELDS), yard.url);
  path = link.pathname;
  fields = new Map(link.searchParams);
});

const call = (target: string) => fetch(yard.url + target, { redirect: "manual" });
const target = (of: Iterable<[string, string]>, at = path) => `${at}?${new URLSearchParams([...of]).toString()}`;

/** Every text that differs from `text` by one character: changed, of the other letter case, dropped, doubled. */
function* neighbours(text: string): Generator<string> {
  const chars = [...text];
  for (const [i, char] of chars.entries()) {
    const swapped = char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase();
    const others = new Set([
      char === "A" ? "B" : "A",
      String.fromCodePoint((char.codePointAt(0) ?? 0) ^ 1),
      swapped,
      "",
    ]);
    for (const other of [...others, char + char]) {
      const changed = [...chars.slice(0, i), other, ...chars.slice(i + 1)].join("");
      if (changed !== text) yield changed;
    }
  }
}

test("runs the link as it was made", async () => {
  const answer = await call(target(fields));

  expect(answer.status).toBe(303);
  expect(yard.runs).toHaveLength(1);
});

test.each(["command", "content", "user_id", "redirect_to", "exp", "once", "kid", "s", "sig"])(
  "refuses a link with any one character of %s changed, and runs nothing",
  async (name) => {
    const bodies = new Set<string>();
    let tried = 0;
    for (const changed of neighbours(fields.get(name) ?? "")) {
      const answer = await call(target(new Map(fields).set(name, changed)));
      const body = (await answer.text()).replace(/req_[0-9a-z]+/, "");
      bodies.add(`${answer.status} ${answer.headers.get("location") ?? ""} ${body}`);
      tried++;
    }

    expect(tried).toBeGreaterThan(1);
    expect([...bodies]).toEqual([
      '403  {"error":{"code":"link_signature_invalid","message":"the signature of this link is not valid"},"request_id":""}',
    ]);
    expect(yard.runs).toEqual([]);
  },
);

test("refuses a link with any one character of its path changed, and runs nothing", async () => {
  for (const changed of neighbours(path.slice(1))) {
    const answer = await call(target(fields, `/${changed}`));

    expect([403, 404]).toContain(answer.status);
  }
  expect(yard.runs).toEqual([]);
});

test("refuses a link without any one of its fields, or with one more of them", async () => {
  for (const [name, value] of fields) {
    const without = new Map(fields);
    without.delete(name);
    const targets = [
      target(without),
      target([...without, [name, ""]]),
      target([...fields, [name, value]]),
      target([[name, "2"], ...fields]),
      ...["[]", "[0]", "[a]", "[", "[]]"].map((brackets) => target([...fields, [name + brackets, value]])),
      target([...without, [`${name}[]`, value]]),
      `${target(fields)}&${name}%5B%5D=2`,
    ];
    for (const tampered of targets) expect((await call(tampered)).status, tampered).toBe(403);
  }
  expect(yard.runs).toEqual([]);
});

test("refuses reserved names that the link was made without", async () => {
  const plain = await yard.link({ command: "/go" });

  for (const name of ["user_id", "content", "redirect_to", "exp", "once", "human", "confirm", "human[]"])
    expect((await call(`${plain}&${name}=1`)).status, name).toBe(403);
  expect((await call(plain)).status).toBe(200);
});

test.each([
  ["of another bot", 78, "key_1"],
  ["of a key that never was", BOT, "key_2"],
])("refuses a signature %s", async (_, botId, kid) => {
  const other = target(new Map(fields).set("kid", kid), `/v1/bots/${botId}/new-webhook`);

  expect((await call(other)).status).toBe(403);
  expect(yard.runs).toEqual([]);
});

test.each(["alg=none", "alg=md5", "alg=", "v=0", "v=2"])("never reads algorithm or version from %s", async (extra) => {
  const unsigned = new Map(fields).set("sig", "");

  expect((await call(`${target(fields)}&${extra}`)).status).toBe(303);
  expect((await call(`${target(unsigned)}&${extra}`)).status).toBe(403);
});

test("refuses other spellings of the same command in Unicode", async () => {
  const link = new URL(await yard.link({ command: "/café" }), yard.url);
  for (const spelling of ["/cafe\u0301", "/cafe", "/ｃafé", "\uFEFF/café", "/café\u200B"]) {
    link.searchParams.set("command", spelling);

    expect((await fetch(link)).status, spelling).toBe(403);
  }
});

test("refuses percent codes that are none in a signed value", async () => {
  const plain = await yard.link({ command: "/go %" });

  for (const broken of ["%2Fgo%20%", "%2Fgo%20%ZZ", "%2Fgo%20%C3%28"])
    expect((await call(plain.replace("%2Fgo%20%25", broken))).status).toBe(403);
  expect((await call(plain)).status).toBe(200);
});

test("never reads a reserved name from the body", async () => {
  const without = new Map(fields);
  without.delete("sig");
  const answer = await fetch(yard.url + target(without), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sig: fields.get("sig") }),
  });

  expect(answer.status).toBe(403);
});
