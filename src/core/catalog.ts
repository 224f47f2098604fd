import type { BotDefinition, BotMeta, Command, Lib } from "./bot.ts";
import type { Json } from "./json.ts";
import type { Chat, User } from "./people.ts";
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

export interface NewUser {
  telegramid?: number;
  first_name?: string;
  last_name?: string;
  username?: string;
  language_code?: string;
}

/** What the yard holds: bots with their code, users, chats, properties and link keys. Every write goes through the log. */
export interface Catalog {
  bots(): Promise<BotMeta[]>;
  /** null: there is no such bot (any more). */
  bot(botId: number): Promise<BotMeta | null>;
  definition(botId: number): Promise<BotDefinition | null>;
  /**
   * Stores code as a new bot, or as the next version of `botId` in one commit: properties, users, chats and link keys
   * stay, and a command keeps its id while it keeps its name. The state before stays as a restore point.
   *
   * @throws AppError `bot_not_found`, `conflict` (a large bot was changed meanwhile: storing it again helps)
   */
  storeBot(code: BotCode, botId?: number): Promise<BotMeta>;
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
  restoreBot(botId: number, version?: number): Promise<BotMeta>;
  setDisabled(botId: number, disabled: boolean): Promise<BotMeta>;
  /** Deletes the bot with all it has; its id is never given again. @throws AppError `bot_not_found` */
  deleteBot(botId: number): Promise<void>;

  /** A user and the private chat of that user. @throws AppError `bot_not_found`, `conflict` (telegramid taken) */
  addUser(botId: number, user: NewUser): Promise<{ user: User; chat: Chat }>;
  users(botId: number): Promise<User[]>;
  user(botId: number, userId: number): Promise<User | null>;
  deleteUser(botId: number, userId: number): Promise<void>;

  /** Of the bot (owner null) or of one user; without an owner: all. By owner and name. */
  properties(botId: number, owner?: PropertyOwner): Promise<NamedProperty[]>;
  property(botId: number, owner: PropertyOwner, name: string): Promise<NamedProperty | null>;
  /** Type as in BJS.md decision 24: inferred where it is absent or unknown. */
  setProperty(botId: number, owner: PropertyOwner, name: string, value: Json, type?: string): Promise<NamedProperty>;
  deleteProperty(botId: number, owner: PropertyOwner, name: string): Promise<boolean>;

  /** The live keys, the signing one first. A bot always has one signing key. */
  linkKeys(botId: number): Promise<LinkKey[]>;
  /** A new signing key; the old ones stay good for `overlapSeconds`, at most two are live. */
  rotateLinkKey(botId: number, overlapSeconds: number): Promise<LinkKey>;
  /** Links signed with it are dead at once. Revoking the signing key makes a new one. @throws AppError `key_not_found` */
  revokeLinkKey(botId: number, kid: string): Promise<void>;
}
