import type { Catalog } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import { readIntegerId } from "../core/ids.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import { PROPERTY_NAME_CHARS, PROPERTY_VALUE_BYTES } from "../core/limits.ts";
import { coerceProperty } from "../core/property-value.ts";
import type { NamedProperty, Property, PropertyOwner } from "../core/property.ts";
import { stateKeys } from "../core/state-keys.ts";
import { assertBot, requireBot } from "./changes.ts";
import type { Change } from "./changes.ts";
import { userUnknown } from "./people.ts";
import { rows } from "./rows.ts";

export interface PropertiesDeps {
  ledger: Ledger;
  change: Change;
}

type Properties = Pick<Catalog, "properties" | "property" | "setProperty" | "incrementProperty" | "deleteProperty">;

/** Properties as the API and the CLI see them. Scripts write theirs in the commits of their runs. */
export function createProperties({ ledger, change }: PropertiesDeps): Properties {
  return {
    async properties(botId, owner) {
      await assertBot(ledger, botId);
      const list = await ledger.list(botId, prefixOf(owner));
      return [...list].map(([key, text]) => fromRow(key, text)).sort(byOwnerAndName);
    },

    async property(botId, owner, name) {
      if (!name.isWellFormed()) return null;
      const key = stateKeys.property(owner, name);
      const text = await ledger.read(botId, key);
      return text === null ? null : fromRow(key, text);
    },

    setProperty: (botId, owner, name, value, type, { once, expect } = {}) =>
      change(
        botId,
        async (tx) => {
          await requireBot(tx, botId);
          await requireOwner(tx, botId, owner);
          if (expect) expect(await readProperty(tx, owner, name));
          if (value === null)
            throw new AppError("field_invalid", "a property cannot be null; delete it instead", { field: "value" });
          const { v, t } = coerceProperty(value, type);
          return write(tx, { owner, name, property: { v, t } });
        },
        once,
      ),

    incrementProperty: (botId, { owner, name, by }, { once } = {}) =>
      change(
        botId,
        async (tx) => {
          await requireBot(tx, botId);
          await requireOwner(tx, botId, owner);
          const before = await readProperty(tx, owner, name);
          const from = before?.value ?? 0;
          if (typeof from !== "number")
            throw new AppError("conflict", `the property holds no number: it is a ${before?.type ?? "json"}`);
          const sum = from + by;
          if (!Number.isFinite(sum) || (Number.isInteger(sum) && !Number.isSafeInteger(sum)))
            throw new AppError("field_invalid", "the sum is too large to be kept exactly", { field: "by" });
          const t = before?.type === "float" || !Number.isInteger(sum) ? "float" : "integer";
          return write(tx, { owner, name, property: { v: sum, t } });
        },
        once,
      ),

    deleteProperty: (botId, owner, name, { expect } = {}) =>
      change(botId, async (tx) => {
        await requireBot(tx, botId);
        const before = await readProperty(tx, owner, name);
        expect?.(before);
        if (before === null) return false;
        tx.set(stateKeys.property(owner, name), null);
        return true;
      }),
  };
}

async function readProperty(tx: Tx, owner: PropertyOwner, name: string): Promise<NamedProperty | null> {
  if (!name.isWellFormed()) return null;
  const key = stateKeys.property(owner, name);
  const text = await tx.get(key);
  return text === null ? null : fromRow(key, text);
}

/** @throws AppError `field_invalid` */
function write(
  tx: Tx,
  { owner, name, property }: { owner: PropertyOwner; name: string; property: Property },
): NamedProperty {
  const bytes = Buffer.byteLength(JSON.stringify(property.v));
  if (bytes > PROPERTY_VALUE_BYTES)
    throw new AppError("field_invalid", `the value has ${bytes} bytes; at most ${PROPERTY_VALUE_BYTES} are allowed`, {
      field: "value",
    });
  if (name.length > PROPERTY_NAME_CHARS || !name.isWellFormed())
    throw new AppError("field_invalid", `a property's name is text of at most ${PROPERTY_NAME_CHARS} characters`, {
      field: "name",
    });
  tx.set(stateKeys.property(owner, name), rows.property.write(property));
  return { name, user_id: owner, value: property.v, type: property.t };
}

async function requireOwner(tx: Tx, botId: number, owner: PropertyOwner): Promise<void> {
  if (owner !== null && (await tx.get(stateKeys.user(owner))) === null) throw userUnknown(botId, owner);
}

function prefixOf(owner: PropertyOwner | undefined): string {
  if (owner === undefined) return stateKeys.allProperties;
  return owner === null ? stateKeys.botProperties : stateKeys.userProperties(owner);
}

/** Takes a name in the store apart: `p/b/<name>` or `p/u/<user>/<name>`, where a name may itself hold slashes. */
function fromRow(key: string, text: string): NamedProperty {
  const { v, t } = rows.property.read(text);
  if (key.startsWith(stateKeys.botProperties))
    return { name: key.slice(stateKeys.botProperties.length), user_id: null, value: v, type: t };
  const owner = readIntegerId(key.split("/", 3)[2]);
  if (owner === undefined) throw new AppError("internal_error", "a property without an owner");
  return { name: key.slice(stateKeys.userProperties(owner).length), user_id: owner, value: v, type: t };
}

function byOwnerAndName(a: NamedProperty, b: NamedProperty): number {
  return (a.user_id ?? 0) - (b.user_id ?? 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
