import type { Catalog } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import { ownerSchema, type Owner, type Owners } from "../core/owner.ts";
import { YARD, yardKeys } from "../core/state-keys.ts";
import { createAudit } from "./audit.ts";
import { createChange } from "./changes.ts";
import { createTokens, ownerNotFound, type TokensDeps } from "./tokens.ts";

export interface OwnersDeps extends Pick<TokensDeps, "random" | "onError"> {
  ledger: Ledger;
  bots: Catalog["bots"];
  /** Milliseconds since 1970. */
  now: () => number;
}

/** The owners of a yard. All of it lies in the yard's own log. */
export function createOwners({ ledger, bots, now, random, onError }: OwnersDeps): Owners {
  const change = createChange(ledger);
  const audit = createAudit({ ledger, change, now });
  const tokens = createTokens({ ledger, change, audit, now, random, onError });
  const iso = () => new Date(now()).toISOString();

  return {
    ...tokens,
    audit: audit.audit,
    note: audit.note,

    async owners() {
      return [...(await ledger.list(YARD, yardKeys.owners)).values()].map(readOwner);
    },
    async owner(ownerId) {
      const text = await ledger.read(YARD, yardKeys.owner(ownerId));
      return text === null ? null : readOwner(text);
    },

    createOwner: (name, by, { once } = {}) =>
      change(
        YARD,
        async (tx) => {
          const owner = { id: newId("own", now()), name, disabled: false, created_at: iso(), updated_at: iso() };
          tx.set(yardKeys.owner(owner.id), JSON.stringify(owner));
          await audit.write(tx, { action: "owner.created", owner_id: owner.id }, by);
          return owner;
        },
        once,
      ),

    async changeOwner(ownerId, changes, by) {
      const owner = await change(YARD, async (tx) => {
        const changed = { ...(await requireOwner(tx, ownerId)), ...changes, updated_at: iso() };
        tx.set(yardKeys.owner(ownerId), JSON.stringify(changed));
        await audit.write(tx, { action: "owner.changed", owner_id: ownerId }, by);
        return changed;
      });
      tokens.forget();
      return owner;
    },

    /** A bot that is being made for the owner at this very moment stays, as one that only the operator sees. */
    async deleteOwner(ownerId, by) {
      if ((await bots()).some(({ owner_id }) => owner_id === ownerId))
        throw new AppError("conflict", "this owner still has bots: delete them, or give them to somebody else");
      await change(YARD, async (tx) => {
        await requireOwner(tx, ownerId);
        tx.set(yardKeys.owner(ownerId), null);
        await tokens.removeAll(tx, ownerId);
        await audit.write(tx, { action: "owner.deleted", owner_id: ownerId }, by);
      });
      tokens.forget();
    },
  };
}

/** @throws AppError `owner_not_found` */
async function requireOwner(tx: Tx, ownerId: string): Promise<Owner> {
  const text = await tx.get(yardKeys.owner(ownerId));
  if (text === null) throw ownerNotFound();
  return readOwner(text);
}

function readOwner(text: string): Owner {
  return ownerSchema.parse(JSON.parse(text));
}
