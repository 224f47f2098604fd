import type { BotMeta } from "../../core/bot.ts";
import type { Catalog } from "../../core/catalog.ts";
import { AppError } from "../../core/errors.ts";
import { OPERATOR, type Actor, type Owners, type Scope, type Token } from "../../core/owner.ts";
import { botIdOf, botNotFound, ownerNotFound, type PathParams } from "./path-params.ts";

/** Who calls: the operator, or an owner by one of its tokens. */
export type Caller = { kind: "operator" } | { kind: "owner"; ownerId: string; token: Token };

/** What an endpoint asks of its caller. `any`: a good token; `operator`: the operator's. */
export type Need = Scope | "any" | "operator";

/** @throws AppError `scope_denied` */
export function requireScope(caller: Caller, need: Need): void {
  if (caller.kind === "operator" || need === "any") return;
  const { scopes } = caller.token;
  if (need === "operator") throw new AppError("scope_denied", "this is for the operator of the server alone");
  if (!scopes.includes(need) && !scopes.includes("admin"))
    throw new AppError("scope_denied", `this token may not do this: it needs the scope ${need}`);
}

/** Whose bots the caller sees; undefined: everybody's. */
export function ownerIdOf(caller: Caller): string | undefined {
  return caller.kind === "operator" ? undefined : caller.ownerId;
}

export function actorOf(caller: Caller): Actor {
  return caller.kind === "operator" ? OPERATOR : { owner_id: caller.ownerId, token_id: caller.token.id };
}

export function maySeeBot(caller: Caller, bot: BotMeta | null): bot is BotMeta {
  return bot !== null && (caller.kind === "operator" || bot.owner_id === caller.ownerId);
}

/**
 * What a path names must be there and be the caller's. What belongs to somebody else costs the same read as what is
 * missing, and gets the same words; it is asked before anything else of the call is looked at.
 *
 * @throws AppError `bot_not_found`, `owner_not_found`
 */
export async function requireOwn(
  caller: Caller,
  params: PathParams,
  { catalog, owners }: { catalog: Pick<Catalog, "bot">; owners: Pick<Owners, "owner"> },
): Promise<void> {
  if (params.has("botId") && !maySeeBot(caller, await catalog.bot(botIdOf(params)))) throw botNotFound();
  const ownerId = params.get("ownerId");
  if (ownerId === undefined) return;
  const owner = await owners.owner(ownerId);
  if (owner === null || (caller.kind === "owner" && owner.id !== caller.ownerId)) throw ownerNotFound();
}
