import { afterAll, beforeAll, expect, test } from "vitest";
import { createCli } from "../../src/cli/cli.ts";
import { ADMIN_TOKEN, botFiles, openTestYard, type TestYard } from "./open.ts";

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard({ processes: 1, store: "memory" });
});
afterAll(() => yard.end());

/** A command typed against the product with a token. */
async function type(token: string, ...words: string[]) {
  let out = "";
  let err = "";
  const none = () => Promise.reject(new Error("not asked for here"));
  const exit = await createCli({
    ...{ fetch, readSource: none, writeFolder: none, serve: none, version: "0", environment: "" },
    findServer: () => Promise.resolve({ url: yard.url, token }),
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  }).run(words);
  return { exit, out: out.trim(), err: err.trim() };
}

test("an owner and a token are made, used, revoked and removed from a terminal", async () => {
  const added = await type(ADMIN_TOKEN, "owners", "add", "Ann");
  const [owner = ""] = added.out.split(" ");
  const made = await type(ADMIN_TOKEN, "tokens", "add", owner, "laptop", "--scope", "read", "run");
  const token = made.out;
  const { bot } = await yard.importBot(botFiles({ "/a": "" }), undefined, { ownerId: owner });
  await yard.bot({ "/hidden": "" });

  const bots = JSON.parse((await type(token, "bots", "ls", "--json")).out) as { bots: { id: number }[] };
  const denied = await type(token, "bots", "disable", String(bot.id));
  const listed = await type(ADMIN_TOKEN, "tokens", "ls", owner);
  const [id = ""] = /key_[0-9a-z]+/.exec(listed.out) ?? [];
  const revoked = await type(ADMIN_TOKEN, "tokens", "rm", owner, id);

  expect(token).toMatch(/^by_[0-9a-z]+_[0-9a-z]+$/);
  expect(bots.bots.map((one) => one.id)).toEqual([bot.id]);
  expect(denied).toMatchObject({ exit: 1, err: expect.stringContaining("scope deploy") });
  expect(listed.out).toContain("laptop");
  expect(listed.out).not.toContain(token.slice(-40));
  expect(revoked.exit).toBe(0);
  expect((await type(token, "bots", "ls")).exit).toBe(4);
  expect(await type(ADMIN_TOKEN, "owners", "rm", owner)).toMatchObject({ exit: 5 });
  await yard.catalog.deleteBot(bot.id);
  expect(await type(ADMIN_TOKEN, "owners", "rm", owner)).toMatchObject({ exit: 0 });
  expect((await type(ADMIN_TOKEN, "owners", "ls")).out).toBe("no owners");
});

test("a list of more than a page is listed whole", async () => {
  const bot = await yard.bot({ "/a": "" });
  for (let from = 0; from < 1_100; from += 100)
    await Promise.all(Array.from({ length: 100 }, (_, i) => yard.catalog.setProperty(bot, null, `p${from + i}`, 1)));

  const { out } = await type(ADMIN_TOKEN, "props", "ls", "--bot", String(bot), "--json");

  expect((JSON.parse(out) as { properties: unknown[] }).properties).toHaveLength(1_100);
});
