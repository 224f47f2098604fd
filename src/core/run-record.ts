import { z } from "zod";
import { effectSchema } from "./effect.ts";

export const runErrorSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  /** The command whose script failed, the file it came from, and the place in that file (from 1). */
  command: z.string().nullable(),
  file: z.string().nullable(),
  line: z.number().int().positive().nullable(),
  column: z.number().int().positive().nullable(),
});
export type RunError = z.infer<typeof runErrorSchema>;

export const logLineSchema = z.strictObject({
  level: z.enum(["info", "warn", "error"]),
  text: z.string(),
  command: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

/** What stays of a run. Of a failed one `effects` says what would have been done: none of it was. */
export const runRecordSchema = z.strictObject({
  id: z.string(),
  bot_id: z.number().int().positive(),
  state: z.enum(["done", "failed"]),
  source: z.enum(["link", "api"]),
  command: z.string(),
  user_id: z.number().int().positive().nullable(),
  answer: z.string().nullable(),
  error: runErrorSchema.nullable(),
  effects: z.array(effectSchema),
  log: z.array(logLineSchema),
  started_at: z.string(),
  duration_ms: z.number().nonnegative(),
  tries: z.number().int().positive(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;
