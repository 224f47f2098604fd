import type { Effect } from "./core/effect.ts";
import type { Json } from "./core/json.ts";

/** What the values and options of one run may weigh in its record, all together. */
const MAX_WEIGHT = 128 * 1024;
/** What a list, an object, a member or a plain value weighs beside its text. */
const NODE_WEIGHT = 8;

/**
 * Effects as a run's record keeps them. Values and options are kept until they weigh too much together; further ones are
 * left out, and the effect says so. The values themselves stand elsewhere: written down once more with each run, they
 * would fill the store, and turning 2 MB of them into text holds up the event loop for 100 ms.
 */
export function keptEffects(effects: readonly Effect[]): Effect[] {
  let left = MAX_WEIGHT;
  return effects.map((effect) => {
    if (effect.kind !== "setProperty" && effect.kind !== "sendMessage") return effect;
    const value = effect.kind === "setProperty" ? effect.value : effect.options;
    if (value === undefined) return effect;
    const rest = left - weigh(value, left);
    if (rest >= 0) {
      left = rest;
      return effect;
    }
    if (effect.kind === "setProperty") return { ...effect, value: null, cut: true };
    const bare = { ...effect, cut: true as const };
    delete bare.options;
    return bare;
  });
}

/** Stops soon after it has come to more than `max`: what is far too large is not walked to its end. */
function weigh(value: Json, max: number): number {
  if (typeof value === "string") return NODE_WEIGHT + value.length;
  if (typeof value !== "object" || value === null) return NODE_WEIGHT;
  let weight = NODE_WEIGHT;
  if (Array.isArray(value)) {
    for (const member of value) {
      weight += weigh(member, max - weight);
      if (weight > max) break;
    }
    return weight;
  }
  for (const name in value) {
    weight += NODE_WEIGHT + name.length + weigh(value[name] ?? null, max - weight);
    if (weight > max) break;
  }
  return weight;
}
