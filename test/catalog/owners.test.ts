import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createOwners } from "../../src/catalog/owners.ts";
import type { Ledger } from "../../src/core/ledger.ts";
import { OPERATOR, type Scope } from "../../src/core/owner.ts";
import { YARD, yardKeys } from "../../src/core/state-keys.ts";
import { code, codeOf, createYard } from "./yard.ts";

const MINUTE = 60_000;

function start() {
  const yard = createYard();
  let reads = 0;
  const counted: Ledger = {
    ...yard.ledger,
    read: (...given) => {
      reads++;
      return yard.ledger.read(...given);
    },
  };
  const deps = { bots: yard.catalog.bots, now: yard.now, random: randomBytes, onError: () => undefined };
  const owners = createOwners({ ...deps, ledger: counted });
  const make = (ownerId: string, scopes: Scope[] = ["read"], expires_at: string | null = null) =>
    owners.createToken(ownerId, { name: "t", scopes, expires_at }, OPERATOR);
  return {
    ...yard,
    owners,
    make,
    readsSince: () => [reads, (reads = 0)][0],
    again: () => createOwners({ ...deps, ledger: yard.ledger }),
  };
}

test("a token's text is nowhere in the store, which holds its hash", async () => {
  const { owners, make, ledger } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);

  const { token, text } = await make(id);

  const all = JSON.stringify([...(await ledger.list(YARD, ""))]);
  expect(text).toMatch(new RegExp(`^by_${token.prefix}_[0-9a-z]{40}$`));
  expect(all).not.toContain(text.slice(-40));
  expect(all).toContain(createHash("sha256").update(text).digest("base64url"));
  expect(JSON.stringify([token, await owners.tokens(id)])).not.toMatch(/sha256/);
});

test("a good token is known, and one with any one character changed is not", async () => {
  const { owners, make } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { token, text } = await make(id, ["run", "read", "run"]);

  const altered = [...text].map((char, i) => text.slice(0, i) + (char === "0" ? "1" : "0") + text.slice(i + 1));

  expect(await owners.authenticate(text)).toMatchObject({ id: token.id, owner_id: id, scopes: ["run", "read"] });
  for (const wrong of [...altered, `${text}0`, text.slice(0, -1), text.toUpperCase(), ""])
    expect(await owners.authenticate(wrong)).toBeNull();
});

test("a token in use costs no read of the store, and an unknown one costs one within a minute", async () => {
  const { owners, make, readsSince, pass } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { text } = await make(id);
  const unknown = `by_${"0".repeat(12)}_${"0".repeat(40)}`;
  await owners.authenticate(text);
  readsSince();

  for (let i = 0; i < 100; i++) await owners.authenticate(text);
  const known = readsSince();
  for (let i = 0; i < 100; i++) await owners.authenticate(unknown);
  const once = readsSince();
  pass(MINUTE);
  await owners.authenticate(unknown);

  expect([known, once, readsSince()]).toEqual([0, 1, 1]);
});

test("a revoked token is refused at once, also where it was in memory or is being read at that moment", async () => {
  const { owners, make, again } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { token, text } = await make(id);
  const other = await make(id);
  await owners.authenticate(text);

  const reading = owners.authenticate(other.text);
  await owners.revokeToken(id, token.id, OPERATOR);
  await owners.revokeToken(id, other.token.id, OPERATOR);
  await reading;

  expect(await owners.authenticate(text)).toBeNull();
  expect(await owners.authenticate(other.text)).toBeNull();
  expect(await again().authenticate(text)).toBeNull();
  expect(await codeOf(owners.revokeToken(id, token.id, OPERATOR))).toBe("key_not_found");
});

test("a token is good until the moment at which it expires", async () => {
  const { owners, make, now, pass } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { text } = await make(id, ["read"], new Date(now() + MINUTE).toISOString());

  pass(MINUTE - 1);
  const before = await owners.authenticate(text);
  pass(1);

  expect(before).not.toBeNull();
  expect(await owners.authenticate(text)).toBeNull();
});

test("the last use is written down at most once a minute", async () => {
  const { owners, make, ledger, now, pass } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { token, text } = await make(id);
  const stored = () => ledger.read(YARD, yardKeys.tokenUse(token.id));
  const use = async () => {
    await owners.authenticate(text);
    await owners.note({ action: "owner.changed" }, OPERATOR); // what was begun before this commit stands by now
    return stored();
  };
  const first = new Date(now()).toISOString();

  expect(await use()).toBe(JSON.stringify(first));
  pass(MINUTE - 1);
  expect(await use()).toBe(JSON.stringify(first));
  pass(1);
  expect(await use()).toBe(JSON.stringify(new Date(now()).toISOString()));
  expect((await owners.tokens(id))[0]?.last_used_at).toBe(new Date(now()).toISOString());
});

test("an owner who is switched off has no good token, and has it again when switched on", async () => {
  const { owners, make } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { text } = await make(id);
  await owners.authenticate(text);

  await owners.changeOwner(id, { disabled: true }, OPERATOR);
  const off = await owners.authenticate(text);
  await owners.changeOwner(id, { disabled: false }, OPERATOR);

  expect(off).toBeNull();
  expect(await owners.authenticate(text)).not.toBeNull();
});

test("an owner with bots stays; one without goes with all tokens, and leaves nothing but the audit log", async () => {
  const { owners, make, catalog, ledger } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { text } = await make(id);
  const bot = await catalog.storeBot(code([]), undefined, { ownerId: id });

  expect(await codeOf(owners.deleteOwner(id, OPERATOR))).toBe("conflict");
  await catalog.deleteBot(bot.id);
  await owners.deleteOwner(id, OPERATOR);

  expect(await owners.authenticate(text)).toBeNull();
  expect(await owners.owner(id)).toBeNull();
  const left = [...(await ledger.list(YARD, "")).keys()].filter((key) => /^(own|tok|pre|use)\//.test(key));
  expect(left).toEqual([]);
});

test("an owner has at most a hundred tokens", async () => {
  const { owners, make } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  for (let i = 0; i < 100; i++) await make(id);

  expect(await codeOf(make(id))).toBe("conflict");
  expect(await codeOf(make("own_none"))).toBe("owner_not_found");
});

test("the audit log says who did what and when, the newest first and page by page", async () => {
  const { owners, make, now } = start();
  const { id } = await owners.createOwner("Ann", OPERATOR);
  const { token } = await make(id, ["admin"]);
  const by = { owner_id: id, token_id: token.id };
  await owners.revokeToken(id, token.id, by);
  await owners.note({ action: "link_key.rotated", bot_id: 7, key_id: "key_1" }, by);

  const first = await owners.audit({ limit: 3 });
  const rest = await owners.audit({ limit: 3, before: first.next ?? 0 });

  const at = new Date(now()).toISOString();
  expect(first.entries).toEqual([
    { at, by, action: "link_key.rotated", owner_id: null, bot_id: 7, key_id: "key_1" },
    { at, by, action: "token.revoked", owner_id: id, bot_id: null, key_id: token.id },
    { at, by: OPERATOR, action: "token.created", owner_id: id, bot_id: null, key_id: token.id },
  ]);
  expect(rest).toEqual({
    entries: [{ at, by: OPERATOR, action: "owner.created", owner_id: id, bot_id: null, key_id: null }],
    next: null,
  });
});
