import type { Json, JsonObject } from "../../core/json.ts";

/** One level of `a[b][c]=1`, kept in a Map: a name such as `__proto__` is a name like any other. */
interface Level {
  kids: Map<string, Level | Json>;
  /** The index that `[]` takes next. */
  next: number;
}

const BRACKETED = /^([^[\]]+)((?:\[[^[\]]*\])+)$/;
const INDEX = /^(?:0|[1-9][0-9]{0,14})$/;
const MAX_BRACKETS = 5; // deeper names stay flat

/**
 * Makes one object of named values, in order: of a repeated name the last value stands. A bracketed name is there as it
 * was written, and its parts are there as objects and arrays too, unless the plain name is a field itself. A level
 * whose keys count from 0 without a gap is an array.
 *
 * @returns an object without prototype, so that every name is just data
 */
export function nestNames(fields: Iterable<readonly [name: string, value: Json]>): JsonObject {
  const flat = emptyObject();
  const nested = createLevel();
  for (const [name, value] of fields) {
    flat[name] = value;
    const [, first, rest] = BRACKETED.exec(name) ?? [];
    if (first === undefined || rest === undefined) continue;
    const keys = rest.slice(1, -1).split("][");
    if (keys.length <= MAX_BRACKETS) put(nested, [first, ...keys], value);
  }
  for (const [name, kid] of nested.kids) if (!Object.hasOwn(flat, name)) flat[name] = toJson(kid);
  return flat;
}

/** An object in which `__proto__` is a name like any other. */
export function emptyObject(): JsonObject {
  return { __proto__: null };
}

function createLevel(): Level {
  return { kids: new Map(), next: 0 };
}

function put(top: Level, keys: string[], value: Json): void {
  let level = top;
  for (const [i, key] of keys.entries()) {
    const name = key === "" ? String(level.next) : key;
    if (INDEX.test(name)) level.next = Math.max(level.next, Number(name) + 1);
    if (i === keys.length - 1) {
      level.kids.set(name, value);
      return;
    }
    const kid = level.kids.get(name);
    const below = isLevel(kid) ? kid : createLevel();
    level.kids.set(name, below);
    level = below;
  }
}

function toJson(kid: Level | Json): Json {
  if (!isLevel(kid)) return kid;
  const indexes = new Set(kid.kids.keys());
  const isArray = indexes.size === kid.next && [...indexes].every((key) => INDEX.test(key));
  if (isArray) return Array.from({ length: kid.next }, (_, i) => toJson(kid.kids.get(String(i)) ?? null));
  const object = emptyObject();
  for (const [name, below] of kid.kids) object[name] = toJson(below);
  return object;
}

function isLevel(kid: Level | Json | undefined): kid is Level {
  return typeof kid === "object" && kid !== null && "kids" in kid && kid.kids instanceof Map;
}
