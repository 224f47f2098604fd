import { expect, test } from "vitest";
import { createRateGuard } from "../../src/http/rate-limits.ts";
import type { Token } from "../../src/core/owner.ts";
import { startApi } from "./api/api-yard.ts";
import { fakeOwners, startYard, TOKEN } from "./fake-yard.ts";

const LIMITS = { api: 0, links: 0, wrong: 0 };
const proxied = { trustedProxies: ["127.0.0.0/8"] };
const wrongly = { authorization: "Bearer by_wrong" };
const noBots = { bots: () => Promise.resolve([]) };

test("refuses an address that tries wrong tokens, with the seconds to wait, and no other address", async () => {
  const asked: string[] = [];
  const authenticate = (text: string) => {
    asked.push(text);
    return Promise.resolve(null);
  };
  const { call } = await startApi({
    rateLimits: { ...LIMITS, wrong: 3 },
    owners: fakeOwners({ authenticate }),
    ...proxied,
  });
  const from = (address: string) => ({ ...wrongly, "x-forwarded-for": `203.0.113.9, ${address}` });

  const statuses = [];
  for (let i = 0; i < 6; i++) statuses.push((await call("/bots", { headers: from("198.51.100.1") })).status);
  const full = await call("/bots", { headers: from("198.51.100.1") });

  expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
  expect(full.json).toMatchObject({ error: { code: "rate_limited" } });
  expect(Number(full.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(Number(full.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  expect(asked).toHaveLength(4); // from then on nobody looks the token up
  expect((await call("/bots", { headers: from("198.51.100.2") })).status).toBe(401);
});

test("does not lock out a token that was good before, whatever else comes from its address", async () => {
  const { call } = await startApi({ rateLimits: { ...LIMITS, wrong: 2 }, catalog: noBots });

  expect((await call("/bots")).status).toBe(200);
  for (let i = 0; i < 5; i++) await call("/bots", { headers: wrongly });

  expect((await call("/bots", { headers: wrongly })).status).toBe(429);
  expect((await call("/bots")).status).toBe(200);
});

test("forgives ten calls without a token where it forgives one with a wrong one", async () => {
  const { url } = await startApi({ rateLimits: { ...LIMITS, wrong: 2 } });

  const statuses = [];
  for (let i = 0; i < 23; i++) statuses.push((await fetch(`${url}/api/v1/bots`)).status);

  expect(statuses.indexOf(429)).toBe(21);
});

test("counts the calls of each token for itself", async () => {
  const token = (id: string): Token => ({
    ...{ id, owner_id: "own_1", name: "", prefix: "", scopes: ["admin"], created_at: "" },
    ...{ expires_at: null, last_used_at: null },
  });
  const { call } = await startApi({
    rateLimits: { ...LIMITS, api: 3 },
    catalog: noBots,
    owners: fakeOwners({ authenticate: (text) => Promise.resolve(token(text)) }),
  });
  const statusOf = async (text: string) =>
    (await call("/bots", { headers: { authorization: `Bearer ${text}` } })).status;

  const one = [];
  for (let i = 0; i < 4; i++) one.push(await statusOf("one"));

  expect(one).toEqual([200, 200, 200, 429]);
  expect(await statusOf("two")).toBe(200);
  expect(await statusOf(TOKEN)).toBe(200);
});

test("answers wrong signatures with 429 in the end, and never holds up a good link for them", async () => {
  const yard = await startYard({ rateLimits: { ...LIMITS, wrong: 3 } });
  const link = await yard.link({ command: "/go" });
  const wrong = link.replace("/go", "/gO").replace("%2Fgo", "%2FgO");

  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push((await fetch(yard.url + wrong)).status);

  expect(statuses).toEqual([403, 403, 403, 429, 429]);
  expect((await fetch(yard.url + link)).status).toBe(200);
  expect(yard.runs).toHaveLength(1);
});

test("limits good links from one address where a limit is set", async () => {
  const yard = await startYard({ rateLimits: { ...LIMITS, links: 2 }, ...proxied });
  const link = await yard.link({ command: "/go" });
  const from = (address: string) => fetch(yard.url + link, { headers: { "x-forwarded-for": address } });

  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await from("198.51.100.1")).status);

  expect(statuses).toEqual([200, 200, 429]);
  expect((await from("198.51.100.2")).status).toBe(200);
  expect(yard.runs).toHaveLength(3);
});

test("takes all addresses of one IPv6 network for one caller", async () => {
  const guard = createRateGuard({ ...LIMITS, wrong: 1 }, { now: () => 0 });
  const codeOf = (address: string) =>
    guard.missedLink(address).then(
      () => "open",
      (error: unknown) => (error as { code: string }).code,
    );

  expect([await codeOf("2001:db8::1"), await codeOf("2001:db8::2"), await codeOf("2001:db8:0:1::1")]).toEqual([
    "open",
    "rate_limited",
    "open",
  ]);
});
