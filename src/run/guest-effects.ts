import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { isJsonObject, type JsonObject, nestsDeeperThan, parsedJson } from "../core/json.ts";
import { JSON_DEPTH, MESSAGE_TEXT_BYTES, PROPERTY_NAME_CHARS, PROPERTY_VALUE_BYTES } from "../core/limits.ts";
import { propertySchema } from "../core/property.ts";

/** A value may nest so deep, and stands itself some levels deep in its effect. */
const MAX_DEPTH = JSON_DEPTH + 4;
/** Text of so many characters is read in one turn of the event loop: at worst it takes 40 ms. */
const TURN_CHARS = 32 * 1024;
/** No effect is longer: a message's text, each character escaped, and its options. */
const MAX_CHARS = 6 * MESSAGE_TEXT_BYTES + PROPERTY_VALUE_BYTES + 1_024;

const guestRunSchema = z.strictObject({
  command: z.string(),
  options: parsedJson,
  user_id: parsedJson,
  user_telegramid: parsedJson,
  chat_id: parsedJson,
  ignore_missing: z.boolean(),
});
export type GuestRun = z.infer<typeof guestRunSchema>;

/** `b/name` or `42/name`: nothing else names a property of this bot (core/outcome.ts). */
const propertyKey = z.string().regex(new RegExp(`^(?:b|[1-9][0-9]{0,15})/[^\\0]{0,${PROPERTY_NAME_CHARS}}$`));

const guestEffectSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sendMessage"),
    text: z.string().refine((text) => Buffer.byteLength(text) <= MESSAGE_TEXT_BYTES),
    options: z.custom<JsonObject>(isJsonObject).optional(),
  }),
  z.strictObject({
    kind: z.literal("setProperty"),
    key: propertyKey,
    property: propertySchema.transform((value) => ({ ...value, text: JSON.stringify(value) })),
  }),
  z.strictObject({ kind: z.literal("deleteProperty"), key: propertyKey }),
  z.strictObject({ kind: z.literal("run"), run: guestRunSchema }),
]);
/** What a script asked for. A property has beside its value and type the text of both, as it is stored. */
export type GuestEffect = z.infer<typeof guestEffectSchema>;

/**
 * Reads what a script asked for, as its process wrote it down: JSON texts. The process may be in the script's hands, so
 * all is checked again. 2 MB of it can take 300 ms to read, so it is read in turns and others have theirs between.
 *
 * @returns undefined where it is nothing that a process of ours would write
 */
export async function readEffects(texts: readonly string[]): Promise<GuestEffect[] | undefined> {
  const effects: GuestEffect[] = [];
  let chars = 0;
  for (const text of texts) {
    chars += text.length;
    if (chars > TURN_CHARS && effects.length > 0) {
      await setImmediate();
      chars = text.length;
    }
    const effect = readEffect(text);
    if (!effect) return undefined;
    effects.push(effect);
  }
  return effects;
}

function readEffect(text: string): GuestEffect | undefined {
  if (text.length > MAX_CHARS || nestsDeeperThan(text, MAX_DEPTH)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = guestEffectSchema.safeParse(value);
  const isLarge = data?.kind === "setProperty" && Buffer.byteLength(data.property.text) > PROPERTY_VALUE_BYTES;
  return isLarge ? undefined : data;
}
