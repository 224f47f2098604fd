import { expect, test } from "vitest";
import { code, codeOf, createYard } from "./yard.ts";

async function createBot() {
  const yard = createYard();
  await yard.catalog.storeBot(code([]));
  return yard;
}

test("a user comes with a private chat, both with ids of this bot", async () => {
  const { catalog } = await createBot();
  await catalog.storeBot(code([]));

  const first = await catalog.addUser(1, { telegramid: 700, first_name: "Ada", username: "ada" });
  const elsewhere = await catalog.addUser(2, { telegramid: 700 });

  const times = { created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z" };
  expect(first.user).toEqual({
    id: 1,
    telegramid: 700,
    first_name: "Ada",
    last_name: "",
    username: "ada",
    language_code: "",
    chat_id: 1,
    ...times,
  });
  expect(first.chat).toEqual({
    id: 1,
    bot_id: 1,
    chatid: 700,
    title: "",
    chat_type: "private",
    user_id: 1,
    ...times,
  });
  expect(elsewhere.user.id).toBe(1);
});

test("a telegramid belongs to one user of a bot, and is free again once that user is gone", async () => {
  const { catalog } = await createBot();
  await catalog.addUser(1, { telegramid: 700 });

  expect(await codeOf(catalog.addUser(1, { telegramid: 700 }))).toBe("conflict");

  await catalog.deleteUser(1, 1);
  expect((await catalog.addUser(1, { telegramid: 700 })).user.id).toBe(2);
});

test("of two that claim one telegramid at the same moment one gets it", async () => {
  const { catalog } = await createBot();

  const codes = await Promise.all([1, 2, 3].map(() => codeOf(catalog.addUser(1, { telegramid: 700 }))));

  expect(codes.sort()).toEqual(["conflict", "conflict", "no error"]);
  expect(await catalog.users(1)).toHaveLength(1);
});

test("users are listed by their number", async () => {
  const { catalog } = await createBot();
  for (let i = 0; i < 11; i++) await catalog.addUser(1, {});

  expect((await catalog.users(1)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect((await catalog.user(1, 11))?.telegramid).toBeNull();
  expect(await catalog.user(1, 12)).toBeNull();
});

test("a deleted user leaves neither chat nor properties, and others keep theirs", async () => {
  const { catalog, values } = await createBot();
  for (let i = 0; i < 10; i++) await catalog.addUser(1, { telegramid: 700 + i });
  await catalog.setProperty(1, 1, "x", 1);
  await catalog.setProperty(1, 10, "x", 10);

  await catalog.deleteUser(1, 1);

  expect(await catalog.user(1, 1)).toBeNull();
  expect((await catalog.properties(1)).map(({ user_id }) => user_id)).toEqual([10]);
  expect([...(await values(1)).keys()].filter((key) => /^(u|c|t)\//.test(key))).toHaveLength(27);
  expect(await codeOf(catalog.deleteUser(1, 1))).toBe("user_unknown");
});
