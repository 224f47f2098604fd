import { expect, test } from "vitest";
import { stateKeys } from "../../src/core/state-keys.ts";
import { code, codeOf, createYard } from "./yard.ts";

async function createBot() {
  const yard = createYard();
  await yard.catalog.storeBot(code([]));
  const kids = async () => (await yard.catalog.linkKeys(1)).map(({ kid }) => kid);
  const spend = (kid: string, count: number) =>
    yard.ledger.run(1, (tx) => {
      for (let i = 0; i < count; i++) tx.set(stateKeys.spentLink(kid, `n${i}`), "1");
      return Promise.resolve({ answer: null });
    });
  const marks = async () => [...(await yard.ledger.list(1, "o/")).keys()];
  return { ...yard, kids, spend, marks };
}

test("a bot has one signing key from the commit that makes it", async () => {
  const { catalog } = await createBot();

  expect(await catalog.linkKeys(1)).toEqual([
    { kid: expect.stringMatching(/^key_/) as string, created_at: "2026-01-01T00:00:00.000Z", expires_at: null },
  ]);
});

test("after a rotation the old key is good for the overlap and no longer", async () => {
  const { catalog, kids, pass } = await createBot();
  const [old = ""] = await kids();

  const fresh = await catalog.rotateLinkKey(1, 60);

  expect(await catalog.linkKeys(1)).toEqual([
    fresh,
    { kid: old, created_at: "2026-01-01T00:00:00.000Z", expires_at: "2026-01-01T00:01:00.000Z" },
  ]);
  pass(59_999);
  expect(await kids()).toEqual([fresh.kid, old]);
  pass(1);
  expect(await kids()).toEqual([fresh.kid]);
});

test("without an overlap the old key is gone at once", async () => {
  const { catalog, kids } = await createBot();

  const fresh = await catalog.rotateLinkKey(1, 0);

  expect(await kids()).toEqual([fresh.kid]);
});

test("at most two keys are live", async () => {
  const { catalog, kids } = await createBot();

  const second = await catalog.rotateLinkKey(1, 3_600);
  const third = await catalog.rotateLinkKey(1, 3_600);

  expect(await kids()).toEqual([third.kid, second.kid]);
});

test("keys that expired are cleaned away at a rotation, with their marks", async () => {
  const { catalog, ledger, kids, spend, marks, pass } = await createBot();
  const [old = ""] = await kids();
  await spend(old, 3);
  const second = await catalog.rotateLinkKey(1, 60);
  await spend(second.kid, 1);
  pass(61_000);

  await catalog.rotateLinkKey(1, 60);

  expect((await ledger.list(1, stateKeys.linkKeys)).size).toBe(2);
  expect(await marks()).toEqual([stateKeys.spentLink(second.kid, "n0")]);
});

test("revoking the signing key makes a new one and takes the marks of its links away", async () => {
  const { catalog, kids, spend, marks } = await createBot();
  const [old = ""] = await kids();
  await spend(old, 2);

  await catalog.revokeLinkKey(1, old);

  const [fresh, ...others] = await kids();
  expect(fresh).not.toBe(old);
  expect(others).toEqual([]);
  expect(await marks()).toEqual([]);
});

test("revoking the older key leaves the signing one as it is", async () => {
  const { catalog, kids } = await createBot();
  const [old = ""] = await kids();
  const fresh = await catalog.rotateLinkKey(1, 60);

  await catalog.revokeLinkKey(1, old);

  expect(await catalog.linkKeys(1)).toEqual([fresh]);
});

test("a key that is not live cannot be revoked", async () => {
  const { catalog, kids, pass } = await createBot();
  const [old = ""] = await kids();
  await catalog.rotateLinkKey(1, 60);
  pass(60_000);

  expect(await codeOf(catalog.revokeLinkKey(1, old))).toBe("key_not_found");
  expect(await codeOf(catalog.revokeLinkKey(1, "key_unknown"))).toBe("key_not_found");
});

test("more marks than one commit takes are all gone in the end", async () => {
  const { catalog, kids, spend, marks } = await createBot();
  const [old = ""] = await kids();
  await spend(old, 12_000);

  await catalog.revokeLinkKey(1, old);

  expect(await marks()).toEqual([]);
});

test("a run that spends a link while its key is revoked sees that the key is gone", async () => {
  const { catalog, ledger, kids, marks } = await createBot();
  const [old = ""] = await kids();
  const seen: boolean[] = [];

  await ledger.run(1, async (tx, tries) => {
    const isLive = (await tx.get(stateKeys.linkKey(old))) !== null;
    seen.push(isLive);
    if (tries === 1) await catalog.revokeLinkKey(1, old);
    if (isLive) tx.set(stateKeys.spentLink(old, "n"), "1");
    return { answer: null };
  });

  expect(seen).toEqual([true, false]);
  expect(await marks()).toEqual([]);
});
