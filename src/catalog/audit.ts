import { auditEntrySchema, type Actor, type AuditEvent, type Owners } from "../core/owner.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import { stateKeys, YARD, yardKeys } from "../core/state-keys.ts";
import { nextId, type Change } from "./changes.ts";
import { rows } from "./rows.ts";

export interface AuditDeps {
  ledger: Ledger;
  change: Change;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Older entries go, one with each that comes. */
const ENTRIES_KEPT = 10_000;

export interface Audit extends Pick<Owners, "audit" | "note"> {
  /** Writes a line down in the commit of the change that it tells of. */
  write(tx: Tx, event: AuditEvent, by: Actor): Promise<void>;
}

/** Changes of owners and keys, numbered from 1 in the yard's log. */
export function createAudit({ ledger, change, now }: AuditDeps): Audit {
  async function write(tx: Tx, { action, owner_id = null, bot_id = null, key_id = null }: AuditEvent, by: Actor) {
    const number = await nextId(tx, "audit");
    const entry = { at: new Date(now()).toISOString(), by, action, owner_id, bot_id, key_id };
    tx.set(yardKeys.audit(number), JSON.stringify(entry));
    if (number > ENTRIES_KEPT) tx.set(yardKeys.audit(number - ENTRIES_KEPT), null);
  }

  return {
    write,
    note: (event, by) => change(YARD, (tx) => write(tx, event, by)),

    async audit({ limit, before }) {
      const counted = await ledger.read(YARD, stateKeys.counter("audit"));
      const last = counted === null ? 0 : rows.counter.read(counted);
      const newest = Math.min(last, (before ?? last + 1) - 1);
      const oldest = Math.max(1, last - ENTRIES_KEPT + 1, newest - limit + 1);
      const numbers = Array.from({ length: Math.max(0, newest - oldest + 1) }, (_, i) => newest - i);
      const texts = await Promise.all(numbers.map((number) => ledger.read(YARD, yardKeys.audit(number))));
      const entries = texts.flatMap((text) => (text === null ? [] : [auditEntrySchema.parse(JSON.parse(text))]));
      const hasMore = oldest > Math.max(1, last - ENTRIES_KEPT + 1) && numbers.length > 0;
      return { entries, next: hasMore ? oldest : null };
    },
  };
}
