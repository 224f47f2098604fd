import { z } from "zod";

/** A person as one bot knows them. Ids are per bot. Names may be blank. Times are ISO 8601 in UTC. */
export const userSchema = z.strictObject({
  id: z.number().int().positive(),
  /** Telegram's id; null for a user who never came through Telegram. */
  telegramid: z.number().int().nullable(),
  first_name: z.string(),
  last_name: z.string(),
  username: z.string(),
  language_code: z.string(),
  /** The user's private chat with the bot. */
  chat_id: z.number().int().positive(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type User = z.infer<typeof userSchema>;

export const chatSchema = z.strictObject({
  id: z.number().int().positive(),
  bot_id: z.number().int().positive(),
  /** Telegram's id of the chat; null where there is none. */
  chatid: z.number().int().nullable(),
  title: z.string(),
  chat_type: z.enum(["private", "group", "supergroup"]),
  /** Whose private chat it is; null for groups. */
  user_id: z.number().int().positive().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Chat = z.infer<typeof chatSchema>;
