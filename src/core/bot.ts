import { z } from "zod";
import { COMMAND_NAME_CHARS, MAX_RUN_TIMEOUT_MS } from "./limits.ts";

/** What a bot is apart from its code. `version` counts up with every change of the bot's code or settings. */
export const botMetaSchema = z.strictObject({
  id: z.number().int().positive(),
  name: z.string(),
  version: z.number().int().positive(),
  disabled: z.boolean(),
  /** Whose it is; null: the operator's. */
  owner_id: z.string().nullable().default(null),
  /** Wall-clock limit of a root run of this bot; absent: the operator's. */
  run_timeout_ms: z.number().int().positive().max(MAX_RUN_TIMEOUT_MS).optional(),
  /** Whether links in their old form work; absent: as the operator has it. */
  legacy_links: z.boolean().optional(),
  /** Hosts to which such links may redirect. */
  redirect_hosts: z.array(z.string()).optional(),
  /** That there is a token, and a key of old links. They themselves are never shown. */
  has_token: z.literal(true).optional(),
  has_legacy_api_key: z.literal(true).optional(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type BotMeta = z.infer<typeof botMetaSchema>;

/** One command, as its file says it (BJS: the CMD header and the body below it). */
export const commandSchema = z.strictObject({
  id: z.number().int().positive(),
  name: z.string().max(COMMAND_NAME_CHARS),
  /** Lower case, trimmed. */
  aliases: z.array(z.string()),
  help: z.string(),
  answer: z.string(),
  keyboard: z.string(),
  need_reply: z.boolean(),
  auto_retry_time: z.number().int().nonnegative(),
  folder: z.string(),
  group: z.string(),
  /** The script, without the header. */
  code: z.string(),
  /** Path of the file in the bot's folder, and the line (from 1) on which `code` starts in it. */
  file: z.string(),
  code_line: z.number().int().positive(),
  /** What stands before `code` in that file, as it was written; absent: the command was not made of a file. */
  head: z.string().optional(),
});
export type Command = z.infer<typeof commandSchema>;

export const libSchema = z.strictObject({
  name: z.string(),
  code: z.string(),
  file: z.string(),
  /** What stands before `code` in that file: its byte order mark, where it has one. */
  head: z.string().optional(),
});
export type Lib = z.infer<typeof libSchema>;

/** A bot with its code, as one version of it stood. Never changed in place. */
export interface BotDefinition {
  meta: BotMeta;
  commands: readonly Command[];
  libs: readonly Lib[];
}
