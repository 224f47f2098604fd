import { z } from "zod";
import type { ChangeOptions } from "./once.ts";

/**
 * What a token may do. `read`: look at everything of its owner's. `deploy`: make and change bots and their code. `run`:
 * run commands, make links, write users and properties. `admin`: all of it, and keys, tokens and deletions.
 */
export const SCOPES = ["read", "deploy", "run", "admin"] as const;
export const scopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof scopeSchema>;

const ownerId = z.string().regex(/^own_[0-9a-z]{1,64}$/, "not the id of an owner");
export const OWNER_NAME_CHARS = 200;

/** An account: it has bots, and tokens that act for it. */
export const ownerSchema = z.strictObject({
  id: ownerId,
  name: z.string(),
  /** Its tokens are refused; its bots go on. */
  disabled: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Owner = z.infer<typeof ownerSchema>;

/** A token as it is shown: its text is told once, when it is made, and only its hash is kept. */
export const tokenSchema = z.strictObject({
  id: z.string(),
  owner_id: ownerId,
  name: z.string(),
  /** The public part of its text, by which it is found. */
  prefix: z.string(),
  scopes: z.array(scopeSchema),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  /** To the minute; null: never. */
  last_used_at: z.string().nullable(),
});
export type Token = z.infer<typeof tokenSchema>;

export const AUDIT_ACTIONS = [
  ...(["owner.created", "owner.changed", "owner.deleted", "token.created", "token.revoked"] as const),
  ...(["link_key.rotated", "link_key.revoked", "bot.owner_changed", "bot.secrets_changed"] as const),
] as const;

/** One change of an owner or a key: who, what, when. It holds no secret. */
export const auditEntrySchema = z.strictObject({
  at: z.string(),
  /** Who did it: the operator, or an owner by one of its tokens. */
  by: z.strictObject({ owner_id: ownerId.nullable(), token_id: z.string().nullable() }),
  action: z.enum(AUDIT_ACTIONS),
  owner_id: ownerId.nullable(),
  bot_id: z.number().int().nullable(),
  /** The token or the link key. */
  key_id: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** Who makes a change. The operator is no owner. */
export type Actor = AuditEntry["by"];
export const OPERATOR: Actor = { owner_id: null, token_id: null };

/** What happened, without when and by whom. */
export type AuditEvent = Pick<AuditEntry, "action"> & Partial<Pick<AuditEntry, "owner_id" | "bot_id" | "key_id">>;

export interface NewToken {
  name: string;
  scopes: readonly Scope[];
  /** ISO 8601; null: it never expires. */
  expires_at: string | null;
}

/** The owners and their tokens, in the log of the yard. Each change and its line in the audit log are one commit. */
export interface Owners {
  /** By id, and so by age. */
  owners(): Promise<Owner[]>;
  owner(ownerId: string): Promise<Owner | null>;
  createOwner(name: string, by: Actor, options?: ChangeOptions): Promise<Owner>;
  /** @throws AppError `owner_not_found` */
  changeOwner(ownerId: string, change: { name?: string; disabled?: boolean }, by: Actor): Promise<Owner>;
  /** With all its tokens. @throws AppError `owner_not_found`, `conflict` (it still has bots) */
  deleteOwner(ownerId: string, by: Actor): Promise<void>;

  tokens(ownerId: string): Promise<Token[]>;
  /** @returns also the text, which cannot be had again @throws AppError `owner_not_found`, `conflict` (too many) */
  createToken(ownerId: string, token: NewToken, by: Actor): Promise<{ token: Token; text: string }>;
  /** It is refused from this moment on. @throws AppError `key_not_found` */
  revokeToken(ownerId: string, tokenId: string, by: Actor): Promise<void>;
  /** The token of this text, where it is good now; also marks it as used. */
  authenticate(text: string): Promise<Token | null>;

  /** The newest first. @param before number of an entry; only older ones are wanted */
  audit(query: { limit: number; before?: number }): Promise<{ entries: AuditEntry[]; next: number | null }>;
  /** Writes down a change that was made elsewhere. */
  note(event: AuditEvent, by: Actor): Promise<void>;
}
