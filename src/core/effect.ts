import { z } from "zod";
import { PROPERTY_TYPES } from "./property.ts";

const by = z.string(); // the command whose script asked for it

/** In a run's record: the options, or the value (then null), are left out, because they are large. */
const cut = z.literal(true).optional();

/** What a script asks of the host: plain data, in order, true only once the run has committed. */
export const effectSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sendMessage"),
    by,
    /** The chat it goes to; null: there is none, so nothing is sent and the text is only the answer. */
    chat_id: z.number().int().positive().nullable(),
    text: z.string(),
    options: z.record(z.string(), z.json()).optional(),
    cut,
  }),
  z.strictObject({
    kind: z.literal("setProperty"),
    by,
    user_id: z.number().int().positive().nullable(),
    name: z.string(),
    value: z.json(),
    type: z.enum(PROPERTY_TYPES),
    cut,
  }),
  z.strictObject({
    kind: z.literal("deleteProperty"),
    by,
    user_id: z.number().int().positive().nullable(),
    name: z.string(),
  }),
  z.strictObject({
    kind: z.literal("run"),
    by,
    command: z.string(),
    user_id: z.number().int().positive().nullable(),
    chat_id: z.number().int().positive().nullable(),
  }),
]);
export type Effect = z.infer<typeof effectSchema>;
