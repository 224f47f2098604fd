import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "../core/errors.ts";
import { idText, newId } from "../core/ids.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import { ownerSchema, tokenSchema, type Owners, type Token } from "../core/owner.ts";
import { YARD, yardKeys } from "../core/state-keys.ts";
import { z } from "zod";
import type { Audit } from "./audit.ts";
import type { Change } from "./changes.ts";

export interface TokensDeps {
  ledger: Ledger;
  change: Change;
  audit: Audit;
  /** Milliseconds since 1970. */
  now: () => number;
  random: (bytes: number) => Uint8Array;
  /** Hears of a mark of use that could not be written. */
  onError: (error: unknown) => void;
}

export interface Tokens extends Pick<Owners, "tokens" | "createToken" | "revokeToken" | "authenticate"> {
  /** In the commit that takes the owner away. */
  removeAll(tx: Tx, ownerId: string): Promise<void>;
  /** Forgets what is in memory: to be called when a change of an owner stands. */
  forget(): void;
}

const PREFIX_CHARS = 12; // 60 bits: found by it, and never guessed
const SECRET_CHARS = 40; // 200 bits
const TOKEN_TEXT = new RegExp(`^by_([0-9a-z]{${PREFIX_CHARS}})_[0-9a-z]{${SECRET_CHARS}}$`);
const TOKENS_PER_OWNER = 100;
/** A use is marked at most once in so long. */
const USE_EVERY_MS = 60_000;
/** So long an unknown prefix costs no read of the store. */
const UNKNOWN_MS = 60_000;
const KNOWN_KEPT = 10_000;
const UNKNOWN_KEPT = 10_000;

const storedToken = tokenSchema.omit({ last_used_at: true }).extend({ sha256: z.string() });
type StoredToken = z.infer<typeof storedToken>;
const prefixRow = z.tuple([z.string(), z.string()]);
const useRow = z.string();

interface Known {
  token: StoredToken;
  sha256: Buffer;
  /** Of an owner who is not switched off. */
  good: boolean;
  usedAt: number | null;
}

/** The tokens of owners: their hashes in the yard's log, the ones in use in memory as well. */
export function createTokens({ ledger, change, audit, now, random, onError }: TokensDeps): Tokens {
  const known = new Map<string, Known>(); // by prefix
  const unknown = new Map<string, number>(); // prefix → until when it stays so
  let changes = 0; // what was read before a change is not kept after it

  function forget(): void {
    changes++;
    known.clear();
    unknown.clear();
  }

  async function load(prefix: string): Promise<Known | null> {
    const place = await ledger.read(YARD, yardKeys.tokenPrefix(prefix));
    if (place === null) return null;
    const [ownerId, tokenId] = prefixRow.parse(JSON.parse(place));
    const text = await ledger.read(YARD, yardKeys.token(ownerId, tokenId));
    const owner = await ledger.read(YARD, yardKeys.owner(ownerId));
    if (text === null || owner === null) return null;
    const token = storedToken.parse(JSON.parse(text));
    const used = await lastUse(ledger, tokenId);
    return {
      ...{ token, sha256: Buffer.from(token.sha256, "base64url") },
      ...{ good: !ownerSchema.parse(JSON.parse(owner)).disabled, usedAt: used === null ? null : Date.parse(used) },
    };
  }

  async function find(prefix: string): Promise<Known | null> {
    const cached = known.get(prefix);
    if (cached) return cached;
    if ((unknown.get(prefix) ?? 0) > now()) return null;
    const before = changes;
    const loaded = await load(prefix);
    if (before === changes) {
      if (loaded) keep(known, KNOWN_KEPT, prefix, loaded);
      else keep(unknown, UNKNOWN_KEPT, prefix, now() + UNKNOWN_MS);
    }
    return loaded;
  }

  /** Not waited for: a call does not wait for a commit that only says that it came. */
  function markUse(entry: Known): void {
    const at = now();
    if (entry.usedAt !== null && at - entry.usedAt < USE_EVERY_MS) return;
    entry.usedAt = at;
    const { id, owner_id } = entry.token;
    change(YARD, async (tx) => {
      if ((await tx.get(yardKeys.token(owner_id, id))) === null) return; // revoked meanwhile
      tx.set(yardKeys.tokenUse(id), JSON.stringify(new Date(at).toISOString()));
    }).catch(onError);
  }

  async function remove(tx: Tx, { owner_id, id, prefix }: StoredToken): Promise<void> {
    tx.set(yardKeys.token(owner_id, id), null);
    tx.set(yardKeys.tokenPrefix(prefix), null);
    if ((await tx.get(yardKeys.tokenUse(id))) !== null) tx.set(yardKeys.tokenUse(id), null);
  }

  return {
    forget,
    async removeAll(tx, ownerId) {
      for (const text of (await tx.list(yardKeys.tokens(ownerId))).values())
        await remove(tx, storedToken.parse(JSON.parse(text)));
    },

    async tokens(ownerId) {
      const list = [...(await ledger.list(YARD, yardKeys.tokens(ownerId))).values()];
      return Promise.all(list.map(async (text) => shown(storedToken.parse(JSON.parse(text)), ledger)));
    },

    async createToken(ownerId, { name, scopes, expires_at }, by) {
      const prefix = idText(random(PREFIX_CHARS));
      const text = `by_${prefix}_${idText(random(SECRET_CHARS))}`;
      const at = now();
      const token: StoredToken = {
        ...{ id: newId("key", at), owner_id: ownerId, name, prefix, scopes: [...new Set(scopes)] },
        ...{ created_at: new Date(at).toISOString(), expires_at, sha256: sha256(text).toString("base64url") },
      };
      await change(YARD, async (tx) => {
        if ((await tx.get(yardKeys.owner(ownerId))) === null) throw ownerNotFound();
        if ((await tx.list(yardKeys.tokens(ownerId))).size >= TOKENS_PER_OWNER)
          throw new AppError("conflict", `an owner has at most ${TOKENS_PER_OWNER} tokens: revoke one first`);
        tx.set(yardKeys.token(ownerId, token.id), JSON.stringify(token));
        tx.set(yardKeys.tokenPrefix(prefix), JSON.stringify([ownerId, token.id]));
        await audit.write(tx, { action: "token.created", owner_id: ownerId, key_id: token.id }, by);
      });
      forget();
      return { token: await shown(token, ledger), text };
    },

    async revokeToken(ownerId, tokenId, by) {
      await change(YARD, async (tx) => {
        const text = await tx.get(yardKeys.token(ownerId, tokenId));
        if (text === null) throw new AppError("key_not_found", "there is no such token");
        await remove(tx, storedToken.parse(JSON.parse(text)));
        await audit.write(tx, { action: "token.revoked", owner_id: ownerId, key_id: tokenId }, by);
      });
      forget();
    },

    async authenticate(text) {
      const prefix = TOKEN_TEXT.exec(text)?.[1];
      if (prefix === undefined) return null;
      const entry = await find(prefix);
      const isSame = timingSafeEqual(sha256(text), entry?.sha256 ?? NOBODYS);
      if (!entry || !isSame || !entry.good) return null;
      const { expires_at } = entry.token;
      if (expires_at !== null && Date.parse(expires_at) <= now()) return null;
      markUse(entry);
      return withUse(entry.token, entry.usedAt === null ? null : new Date(entry.usedAt).toISOString());
    },
  };
}

const NOBODYS = Buffer.alloc(32);

export function ownerNotFound(): AppError {
  return new AppError("owner_not_found", "there is no such owner");
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

async function shown(token: StoredToken, ledger: Ledger): Promise<Token> {
  return withUse(token, await lastUse(ledger, token.id));
}

/** The hash stays inside. */
function withUse(token: StoredToken, last_used_at: string | null): Token {
  const { id, owner_id, name, prefix, scopes, created_at, expires_at } = token;
  return { id, owner_id, name, prefix, scopes, created_at, expires_at, last_used_at };
}

async function lastUse(ledger: Ledger, tokenId: string): Promise<string | null> {
  const text = await ledger.read(YARD, yardKeys.tokenUse(tokenId));
  return text === null ? null : useRow.parse(JSON.parse(text));
}

function keep<T>(map: Map<string, T>, max: number, name: string, value: T): void {
  map.set(name, value);
  for (const oldest of map.keys()) {
    if (map.size <= max) break;
    map.delete(oldest);
  }
}
