import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { code, codeOf, createYard } from "./yard.ts";

test("a token is kept sealed, and the bot only says that it has one", async () => {
  const yard = createYard();
  await yard.catalog.storeBot(code([]));

  const meta = await yard.catalog.changeBot(1, { token: "123:ABC", legacy_api_key: "an-old-key" });

  expect(meta).toMatchObject({ version: 2, has_token: true, has_legacy_api_key: true });
  const stored = JSON.stringify([...(await yard.values(1))]);
  expect(stored).not.toMatch(/123:ABC|an-old-key/);
  expect(await yard.catalog.legacyAuthority(1)).toEqual({
    ...{ bot: meta, token: "123:ABC" },
    legacyKeySha256: createHash("sha256").update("an-old-key").digest(),
  });
  expect((await yard.restart().legacyAuthority(1))?.token).toBe("123:ABC");
});

test("a token is replaced and forgotten", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(code([]));
  await catalog.changeBot(1, { token: "123:ABC", legacy_api_key: "k" });

  await catalog.changeBot(1, { token: "123:DEF" });
  const replaced = await catalog.legacyAuthority(1);
  const meta = await catalog.changeBot(1, { token: null, legacy_api_key: null });

  expect(replaced).toMatchObject({ token: "123:DEF", bot: { version: 3, has_legacy_api_key: true } });
  expect(meta).not.toHaveProperty("has_token");
  expect(meta).not.toHaveProperty("has_legacy_api_key");
  expect(await catalog.legacyAuthority(1)).toEqual({ bot: meta, token: null, legacyKeySha256: null });
});

test("the switch and the hosts are settings of the bot, and can be taken away", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(code([]));

  const on = await catalog.changeBot(1, { legacy_links: true, redirect_hosts: ["good.test"] });
  const same = await catalog.changeBot(1, { legacy_links: true });
  const none = await catalog.changeBot(1, { legacy_links: null, redirect_hosts: [] });

  expect(on).toMatchObject({ version: 2, legacy_links: true, redirect_hosts: ["good.test"] });
  expect(same).toEqual(on);
  expect(none).not.toHaveProperty("legacy_links");
  expect(none).not.toHaveProperty("redirect_hosts");
});

test("an import and a restore leave all of it as it is", async () => {
  const { catalog } = createYard();
  await catalog.storeBot(code([]));
  await catalog.storeBot(code([], { name: "other" }), 1);
  await catalog.changeBot(1, { token: "123:ABC", legacy_links: true, redirect_hosts: ["good.test"] });

  await catalog.restoreBot(1, 1);

  expect(await catalog.legacyAuthority(1)).toMatchObject({
    ...{ token: "123:ABC" },
    bot: { name: "demo", legacy_links: true, redirect_hosts: ["good.test"], has_token: true },
  });
});

test("a token goes with its bot", async () => {
  const yard = createYard();
  await yard.catalog.storeBot(code([]));
  await yard.catalog.changeBot(1, { token: "123:ABC" });

  await yard.catalog.deleteBot(1);

  expect(await yard.catalog.legacyAuthority(1)).toBeNull();
  expect((await yard.values(1)).size).toBe(0);
  expect(await codeOf(yard.catalog.changeBot(1, { token: "x" }))).toBe("bot_not_found");
});
