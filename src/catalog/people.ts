import type { Catalog } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import type { Chat, User } from "../core/people.ts";
import { stateKeys } from "../core/state-keys.ts";
import { assertBot, nextId, requireBot } from "./changes.ts";
import type { Change } from "./changes.ts";
import { rows } from "./rows.ts";

export interface PeopleDeps {
  ledger: Ledger;
  change: Change;
  /** Milliseconds since 1970. */
  now: () => number;
}

type People = Pick<
  Catalog,
  "addUser" | "changeUser" | "users" | "user" | "deleteUser" | "chats" | "chat" | "changeChat"
>;

/** The users of a bot, each with a private chat. Ids are per bot and never given again. */
export function createPeople({ ledger, change, now }: PeopleDeps): People {
  return {
    addUser: (botId, fields, { once } = {}) =>
      change(
        botId,
        async (tx) => {
          await requireBot(tx, botId);
          const { telegramid, first_name = "", last_name = "", username = "", language_code = "" } = fields;
          await requireFree(tx, telegramid);
          const at = new Date(now()).toISOString();
          const times = { created_at: at, updated_at: at };
          const id = await nextId(tx, "user");
          const chatId = await nextId(tx, "chat");
          const names = { first_name, last_name, username, language_code };
          const user: User = { id, telegramid: telegramid ?? null, ...names, chat_id: chatId, ...times };
          // Telegram gives a private chat the id of its user
          const chat: Chat = {
            id: chatId,
            bot_id: botId,
            chatid: telegramid ?? null,
            title: "",
            chat_type: "private",
            user_id: id,
            ...times,
          };
          tx.set(stateKeys.user(id), rows.user.write(user));
          tx.set(stateKeys.chat(chatId), rows.chat.write(chat));
          if (telegramid !== undefined) tx.set(stateKeys.userByTelegramId(telegramid), JSON.stringify(id));
          return { user, chat };
        },
        once,
      ),

    changeUser: (botId, userId, changes) =>
      change(botId, async (tx) => {
        await requireBot(tx, botId);
        const text = await tx.get(stateKeys.user(userId));
        if (text === null) throw userUnknown(botId, userId);
        const user = rows.user.read(text);
        const at = new Date(now()).toISOString();
        const changed: User = { ...user, ...changes, updated_at: at };
        if (changed.telegramid !== user.telegramid && changed.telegramid !== null) {
          await requireFree(tx, changed.telegramid);
          if (user.telegramid !== null) tx.set(stateKeys.userByTelegramId(user.telegramid), null);
          tx.set(stateKeys.userByTelegramId(changed.telegramid), JSON.stringify(userId));
          const chat = await tx.get(stateKeys.chat(user.chat_id));
          if (chat !== null) {
            const moved: Chat = { ...rows.chat.read(chat), chatid: changed.telegramid, updated_at: at };
            tx.set(stateKeys.chat(user.chat_id), rows.chat.write(moved));
          }
        }
        tx.set(stateKeys.user(userId), rows.user.write(changed));
        return changed;
      }),

    async users(botId) {
      await assertBot(ledger, botId);
      const list = await ledger.list(botId, stateKeys.users);
      return [...list.values()].map((text) => rows.user.read(text)).sort((a, b) => a.id - b.id);
    },

    async user(botId, userId) {
      const text = await ledger.read(botId, stateKeys.user(userId));
      return text === null ? null : rows.user.read(text);
    },

    deleteUser: (botId, userId) =>
      change(botId, async (tx) => {
        await requireBot(tx, botId);
        const text = await tx.get(stateKeys.user(userId));
        if (text === null) throw userUnknown(botId, userId);
        const user = rows.user.read(text);
        tx.set(stateKeys.user(userId), null);
        tx.set(stateKeys.chat(user.chat_id), null);
        if (user.telegramid !== null) tx.set(stateKeys.userByTelegramId(user.telegramid), null);
        for (const key of (await tx.list(stateKeys.userProperties(userId))).keys()) tx.set(key, null);
      }),

    async chats(botId) {
      await assertBot(ledger, botId);
      const list = await ledger.list(botId, stateKeys.chats);
      return [...list.values()].map((text) => rows.chat.read(text)).sort((a, b) => a.id - b.id);
    },

    async chat(botId, chatId) {
      const text = await ledger.read(botId, stateKeys.chat(chatId));
      return text === null ? null : rows.chat.read(text);
    },

    changeChat: (botId, chatId, changes) =>
      change(botId, async (tx) => {
        await requireBot(tx, botId);
        const text = await tx.get(stateKeys.chat(chatId));
        if (text === null) throw new AppError("chat_not_found", "this bot has no such chat");
        const chat: Chat = { ...rows.chat.read(text), ...changes, updated_at: new Date(now()).toISOString() };
        tx.set(stateKeys.chat(chatId), rows.chat.write(chat));
        return chat;
      }),
  };
}

/** @throws AppError `conflict` */
async function requireFree(tx: Tx, telegramid: number | undefined): Promise<void> {
  if (telegramid !== undefined && (await tx.get(stateKeys.userByTelegramId(telegramid))) !== null)
    throw new AppError("conflict", `this bot has a user with telegramid ${telegramid} already`, {
      field: "telegramid",
    });
}

export function userUnknown(botId: number, userId: number): AppError {
  return new AppError("user_unknown", `bot ${botId} has no user ${userId}`, { field: "user_id" });
}
