import type { PropertyOwner } from "./property.ts";

/** What is counted in a log of its own. */
export type Counted = "user" | "chat" | "command" | "bot" | "audit";

/**
 * The names of a bot's values in the store. The first letter is the kind; nothing else builds such a name, so that a
 * property called `../x` or `$gt` stays a property.
 */
export const stateKeys = {
  meta: "b/meta",
  commands: "b/c/",
  command: (id: number) => `b/c/${id}`,
  libs: "b/l/",
  lib: (name: string) => `b/l/${name}`,
  /** Files that no command and no library is made of. */
  files: "b/f/",
  file: (path: string) => `b/f/${path}`,
  /** Earlier states of the code: one row that says which, and parts that hold it. */
  restorePoints: "b/r/",
  restorePoint: (version: number) => `b/r/${version}`,
  restorePart: (version: number, part: number) => `b/x/${version}/${part}`,
  /** Of which version parts were written ahead of their restore point. */
  partsAhead: "b/y",
  /** Its token, sealed; of a key in its old links the hash. */
  token: "b/t",
  legacyKey: "b/a",
  linkKeys: "b/k/",
  linkKey: (kid: string) => `b/k/${kid}`,
  counter: (of: Counted) => `n/${of}`,
  users: "u/",
  user: (id: number) => `u/${id}`,
  chats: "c/",
  chat: (id: number) => `c/${id}`,
  userByTelegramId: (telegramId: number) => `t/${telegramId}`,
  botProperties: "p/b/",
  userProperties: (userId: number) => `p/u/${userId}/`,
  allProperties: "p/",
  property: (owner: PropertyOwner, name: string) => (owner === null ? `p/b/${name}` : `p/u/${owner}/${name}`),
  /** Marks of spent `once` links, under the key that signed them. */
  spentLinks: (kid: string) => `o/${kid}/`,
  spentLink: (kid: string, nonce: string) => `o/${kid}/${nonce}`,
  idempotency: (key: string) => `k/${key}`,
};

/** The log of the yard itself: the list of bots, the counter of their ids, owners and tokens. Bots count from 1. */
export const YARD = 0;
export const yardKeys = {
  bots: "bot/",
  bot: (id: number) => `bot/${id}`,
  owners: "own/",
  owner: (id: string) => `own/${id}`,
  tokens: (ownerId: string) => `tok/${ownerId}/`,
  token: (ownerId: string, tokenId: string) => `tok/${ownerId}/${tokenId}`,
  /** Which token has this public prefix. */
  tokenPrefix: (prefix: string) => `pre/${prefix}`,
  tokenUse: (tokenId: string) => `use/${tokenId}`,
  audit: (number: number) => `aud/${number}`,
};
