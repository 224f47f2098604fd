import { z } from "zod";

/** What the bench asks of a process under measurement. */
export const questionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pids") }),
  /** Watches where its time goes until `profiled` asks for the file. */
  z.strictObject({ kind: z.literal("profile") }),
  z.strictObject({ kind: z.literal("profiled"), file: z.string() }),
  /** The store alone: so many callers, each doing one thing after the other for so long. */
  z.strictObject({
    kind: z.literal("measure"),
    what: z.enum(["commit", "bare"]),
    callers: z.number().int().positive(),
    ms: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal("stop") }),
]);
export type Question = z.infer<typeof questionSchema>;

export const replySchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("ready"),
    base: z.string(),
    paths: z.array(z.string()),
    busyPath: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal("pids"), pids: z.array(z.number()) }),
  z.strictObject({ kind: z.literal("profiling") }),
  z.strictObject({ kind: z.literal("profiled") }),
  z.strictObject({ kind: z.literal("measured"), perSecond: z.number(), p50Ms: z.number(), p99Ms: z.number() }),
]);
export type Reply = z.infer<typeof replySchema>;
