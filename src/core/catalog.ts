import type { BotDefinition, BotMeta, Command, Lib } from "./bot.ts";
import type { Json } from "./json.ts";
import type { Chat, User } from "./people.ts";
import type { ChangeOptions, Once } from "./once.ts";
import type { NamedProperty, PropertyOwner } from "./property.ts";

/** One file of a bot's folder: the path inside it with forward slashes, and the text. */
export interface BotFile {
  path: string;
  text: string;
}

/** One line of what an import has to say. `error` lines mean that nothing was imported. */
export interface ImportNote {
  level: "info" | "warning" | "error";
  file: string | null;
  line: number | null;
  message: string;
}

/** The files of a bot as they were found somewhere, and what there is to say about those that were left behind. */
export interface FoundFiles {
  files: BotFile[];
  notes: ImportNote[];
}

/** A bot folder, read and checked: all that an import stores. Ids of commands are given when it is stored. */
export interface BotCode {
  name: string;
  commands: NewCommand[];
  libs: Lib[];
  /** Files that no command and no library is made of, and that an export gives back: `bot.json` is one of them. */
  files: BotFile[];
}
export type NewCommand = Omit<Command, "id">;

/** All that an export of a bot is written from, as one version of it stood. */
export interface BotSource {
  meta: BotMeta;
  commands: readonly Command[];
  libs: readonly Lib[];
  files: readonly BotFile[];
}

/** What an import changes, or would change. Names of commands and libraries, paths of files, in byte order. */
export interface BotChanges {
  name: { from: string | null; to: string } | null;
  commands: ChangedItems;
  libs: ChangedItems;
  files: { added: string[]; changed: string[]; removed: string[] };
}
export interface ChangedItems {
  added: { name: string; file: string }[];
  changed: { name: string; file: string; fields: string[] }[];
  removed: { name: string; file: string }[];
}

/** An earlier state of a bot's code, which can be had back. */
export interface RestorePoint {
  /** The version of the bot that it was. */
  version: number;
  name: string;
  disabled: boolean;
  commands: number;
  libs: number;
  /** When another state took its place. */
  kept_at: string;
}

/** A key that signs links of one bot. The secret itself is derived, never stored. Times are ISO 8601. */
export interface LinkKey {
  kid: string;
  created_at: string;
  /** Until when links signed with it are good; null: it is the key that signs now. */
  expires_at: string | null;
}

/** What an owner says of a command. Where its file lies is for the yard to find. */
export type CommandDraft = Omit<Command, "id" | "file" | "code_line" | "head">;

/** The settings of a bot that are no code. */
export interface BotChange {
  name?: string;
  disabled?: boolean;
  /** null: the operator's. */
  owner_id?: string | null;
  /** null: as the operator has it. */
  run_timeout_ms?: number | null;
  /** null: as the operator has it. */
  legacy_links?: boolean | null;
  redirect_hosts?: string[];
  /** null: forget it. */
  token?: string | null;
  legacy_api_key?: string | null;
}

/** What links of a bot in their old form are checked against. */
export interface LegacyAuthority {
  bot: BotMeta;
  /** null: there is none, or it was sealed with another key. */
  token: string | null;
  legacyKeySha256: Buffer | null;
}

export interface StoreOptions extends ChangeOptions<BotMeta> {
  /** Whose a new bot is; absent: the operator's. */
  ownerId?: string | null;
}

export interface NewUser {
  telegramid?: number;
  first_name?: string;
  last_name?: string;
  username?: string;
  language_code?: string;
}

export interface Increment {
  owner: PropertyOwner;
  name: string;
  by: number;
}

/** What the yard holds: bots with their code, users, chats, properties and link keys. Every write goes through the log. */
export interface Catalog {
  /** null: there is no such bot (any more). */
  bot(botId: number): Promise<BotMeta | null>;
  definition(botId: number): Promise<BotDefinition | null>;
  /** Of one owner; null: the operator's; absent: all. By id. */
  bots(ownerId?: string | null): Promise<BotMeta[]>;
  /**
   * Stores code as a new bot, or as the next version of `botId` in one commit: properties, users, chats and link keys
   * stay, and a command keeps its id while it keeps its name. The state before stays as a restore point.
   *
   * @throws AppError `bot_not_found`, `conflict` (a large bot was changed meanwhile: storing it again helps)
   */
  storeBot(code: BotCode, botId?: number, options?: StoreOptions): Promise<BotMeta>;
  source(botId: number): Promise<BotSource | null>;
  /** The newest first. @throws AppError `bot_not_found` */
  restorePoints(botId: number): Promise<RestorePoint[]>;
  /**
   * Brings the code, the name and the switch of an earlier version back, as the next version and in one commit. What it
   * takes the place of becomes a restore point itself. Properties, users, chats, keys and other settings stay.
   *
   * @param version absent: the newest restore point
   * @throws AppError `bot_not_found`, `restore_point_not_found`, `conflict` as above
   */
  restoreBot(botId: number, version?: number, options?: ChangeOptions<BotMeta>): Promise<BotMeta>;
  /** @throws AppError `bot_not_found` */
  changeBot(botId: number, change: BotChange, options?: ChangeOptions<BotMeta>): Promise<BotMeta>;
  /** Deletes the bot with all it has; its id is never given again. @throws AppError `bot_not_found` */
  deleteBot(botId: number, options?: ChangeOptions<BotMeta>): Promise<void>;

  /**
   * The code piece by piece. Each change is one commit and the next version of the bot; the state before it stays as a
   * restore point.
   *
   * @throws AppError `bot_not_found`, `command_unknown`, `lib_not_found`, `conflict` (the name is taken), `field_invalid`
   *   (a value that a file cannot hold, or too much of it)
   */
  createCommand(botId: number, draft: CommandDraft, options?: ChangeOptions): Promise<Command>;
  changeCommand(
    botId: number,
    commandId: number,
    change: Partial<CommandDraft>,
    options?: ChangeOptions<Command>,
  ): Promise<Command>;
  deleteCommand(botId: number, commandId: number, options?: ChangeOptions<Command>): Promise<void>;
  createLib(botId: number, lib: Pick<Lib, "name" | "code">, options?: ChangeOptions): Promise<Lib>;
  changeLib(botId: number, lib: Pick<Lib, "name" | "code">, options?: ChangeOptions<Lib>): Promise<Lib>;
  deleteLib(botId: number, name: string, options?: ChangeOptions<Lib>): Promise<void>;

  /** A user and the private chat of that user. @throws AppError `bot_not_found`, `conflict` (telegramid taken) */
  addUser(botId: number, user: NewUser, options?: ChangeOptions): Promise<{ user: User; chat: Chat }>;
  /** @throws AppError `bot_not_found`, `user_unknown`, `conflict` (telegramid taken) */
  changeUser(botId: number, userId: number, change: NewUser): Promise<User>;
  users(botId: number): Promise<User[]>;
  user(botId: number, userId: number): Promise<User | null>;
  deleteUser(botId: number, userId: number): Promise<void>;
  chats(botId: number): Promise<Chat[]>;
  chat(botId: number, chatId: number): Promise<Chat | null>;
  /** @throws AppError `bot_not_found`, `chat_not_found` */
  changeChat(botId: number, chatId: number, change: { title: string }): Promise<Chat>;

  /** Of the bot (owner null) or of one user; without an owner: all. By owner and name. */
  properties(botId: number, owner?: PropertyOwner): Promise<NamedProperty[]>;
  property(botId: number, owner: PropertyOwner, name: string): Promise<NamedProperty | null>;
  /** Type as in BJS.md decision 24: inferred where it is absent or unknown. `expect` hears null where there is none. */
  setProperty(
    botId: number,
    owner: PropertyOwner,
    name: string,
    value: Json,
    type?: string,
    options?: ChangeOptions<NamedProperty | null>,
  ): Promise<NamedProperty>;
  /**
   * Adds to a number in one commit; where there is no such property it counts from 0.
   *
   * @throws AppError `conflict` (it holds no number), `field_invalid` (the sum is none that can be kept)
   */
  incrementProperty(botId: number, increment: Increment, options?: ChangeOptions): Promise<NamedProperty>;
  /** @returns whether there was one */
  deleteProperty(
    botId: number,
    owner: PropertyOwner,
    name: string,
    options?: ChangeOptions<NamedProperty | null>,
  ): Promise<boolean>;

  /** The live keys, the signing one first. A bot always has one signing key. */
  linkKeys(botId: number): Promise<LinkKey[]>;
  /** A new signing key; the old ones stay good for `overlapSeconds`, at most two are live. */
  rotateLinkKey(botId: number, overlapSeconds: number, options?: ChangeOptions): Promise<LinkKey>;
  /** Links signed with it are dead at once. Revoking the signing key makes a new one. @throws AppError `key_not_found` */
  revokeLinkKey(botId: number, kid: string): Promise<void>;

  /** null: there is no such bot (any more). */
  legacyAuthority(botId: number): Promise<LegacyAuthority | null>;

  /** Makes something that changes nothing in the yard once, so that a repeat gives the same. @throws AppError `key_reused` */
  once<T>(botId: number, once: Once, make: () => Promise<T>): Promise<T>;
}
