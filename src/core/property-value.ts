import type { Json } from "./json.ts";
import type { PropertyType } from "./property.ts";

export interface CoercedProperty {
  v: Json;
  t: PropertyType;
  /** What the author ought to know: the value could not become what its type says. Never holds the value. */
  warning?: string;
}

/** A `string` longer than this is a `text` where no type is given. Nothing is cut. */
const STRING_CHARS = 255;
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
/** `2026-01-31`, with a time after `T` or a blank, with or without a zone. */
const ISO_DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/i;
const MAX_DATE_MS = 8.64e15;

/**
 * What is stored for a value under the type that a script, a caller or nobody named. Never throws: bots in the wild give
 * all kinds of things for a type. Lists and objects are `json` whatever the type says; a type that does not exist is
 * inferred from the value, and so is one that the value cannot become, with a warning.
 *
 * @param type trimmed and read in any letter case; `object` is `json`, `number` is `integer` or `float` by the value
 * @see BJS, decision 24. sandbox/ has the same rules for the guest; test/core/property-cases.json holds both to one table
 */
export function coerceProperty(value: Json, type?: unknown): CoercedProperty {
  if (typeof value === "object") return { v: value, t: "json" };
  switch (typeof type === "string" ? type.trim().toLowerCase() : "") {
    case "integer":
      return toNumber(value, "integer");
    case "float":
      return toNumber(value, "float");
    case "number":
      return toNumber(value, "number");
    case "boolean":
      return { v: toBoolean(value), t: "boolean" };
    case "string":
      return { v: String(value), t: "string" };
    case "text":
      return { v: String(value), t: "text" };
    case "json":
    case "object":
      return { v: value, t: "json" };
    case "datetime":
      return toDatetime(value);
    default:
      return inferred(value);
  }
}

function inferred(value: string | number | boolean): CoercedProperty {
  if (typeof value === "boolean") return { v: value, t: "boolean" };
  if (typeof value === "number") return { v: value, t: Number.isInteger(value) ? "integer" : "float" };
  return { v: value, t: value.length <= STRING_CHARS ? "string" : "text" };
}

/** A fraction under `integer` is kept as `float`, and digits that a number cannot hold stay text: nothing is lost. */
function toNumber(value: string | number | boolean, type: "integer" | "float" | "number"): CoercedProperty {
  const text = typeof value === "string" ? value.trim() : "";
  const number = typeof value === "number" ? value : NUMBER.test(text) ? Number(text) : NaN;
  const losesDigits = typeof value === "string" && type !== "float" && isUnsafeInteger(number);
  if (!Number.isFinite(number) || losesDigits)
    return { ...inferred(value), warning: `the value is no ${type} and is kept as it is` };

  const isWhole = Number.isInteger(number);
  if (type === "integer" && !isWhole)
    return { v: number, t: "float", warning: "the value has a fraction and is kept as a float" };
  return { v: number, t: type === "float" || !isWhole ? "float" : "integer" };
}

function isUnsafeInteger(number: number): boolean {
  return Number.isInteger(number) && !Number.isSafeInteger(number);
}

function toBoolean(value: string | number | boolean): boolean {
  if (typeof value !== "string") return Boolean(value);
  return !["", "0", "false"].includes(value.trim().toLowerCase());
}

/** Numbers are milliseconds since 1970. A text without a zone is UTC, as every clock of a guest is. */
function toDatetime(value: string | number | boolean): CoercedProperty {
  const ms = typeof value === "number" ? value : typeof value === "string" ? parseDate(value.trim()) : NaN;
  if (Math.abs(ms) <= MAX_DATE_MS) return { v: new Date(ms).toISOString(), t: "datetime" };
  return { ...inferred(value), warning: "the value is no datetime and is kept as it is" };
}

function parseDate(text: string): number {
  const iso = ISO_DATE.exec(text);
  if (iso) return Date.parse(iso[2] ? `${iso[1]}T${iso[2]}${(iso[3] ?? "Z").toUpperCase()}` : `${iso[1]}`);
  return text.includes("GMT") ? Date.parse(text) : NaN; // as Date's own toString and toUTCString write it
}
