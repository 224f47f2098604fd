import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, openTestYard, type TestYard } from "./open.ts";

const COUNT = "Bot.setProperty('n', Bot.getProperty('n', 0) + 1, 'integer'); Bot.sendMessage(Bot.getProperty('n'))";

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard();
});
afterAll(() => yard.end());

async function callAll(links: string[], times: number): Promise<number[]> {
  const statuses: number[] = [];
  await Promise.all(
    Array.from({ length: times }, async (_, i) => {
      const { status } = await answerOf(links[i % links.length] ?? "");
      statuses.push(status);
    }),
  );
  return statuses;
}

test("a thousand calls at one time that read a property, add one and write it make exactly a thousand", async () => {
  const bot = await yard.bot({ "/count": COUNT });
  const link = await yard.makeLink(bot, { command: "/count" });

  const statuses = await callAll([link], 1_000);

  expect(statuses).toEqual(Array.from({ length: 1_000 }, () => 200));
  expect(await yard.catalog.property(bot, null, "n")).toMatchObject({ value: 1_000 });
}, 60_000);

test("a bot's property touched through links of fifty users counts every call", async () => {
  const bot = await yard.bot({ "/count": COUNT });
  const users = await Promise.all(Array.from({ length: 50 }, (_, i) => yard.user(bot, `User ${i}`)));
  const links = await Promise.all(users.map((userId) => yard.makeLink(bot, { command: "/count", userId })));

  const statuses = await callAll(links, 1_000);

  expect(statuses).toEqual(Array.from({ length: 1_000 }, () => 200));
  expect(await yard.catalog.property(bot, null, "n")).toMatchObject({ value: 1_000 });
}, 60_000);

test("calls of one user run in the order in which they came", async () => {
  const bot = await yard.bot({ "/add": "User.setProperty('s', User.getProperty('s', '') + content)" });
  const userId = await yard.user(bot);
  const letters = "abcdefghijklmnopqrstuvwxyz";

  await Promise.all(
    [...letters].map((content) =>
      yard.run({ botId: bot, source: "api", command: "/add", userId, content, options: null }),
    ),
  );

  expect(await yard.catalog.property(bot, userId, "s")).toMatchObject({ value: letters });
});
