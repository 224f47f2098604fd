import type { Readable } from "node:stream";
import { z } from "zod";
import { nestsDeeperThan } from "../core/json.ts";

const HEADER_BYTES = 4;
/** A child never has reason to send more: effects and log lines have limits of their own. */
const MAX_FRAME_BYTES = 12 * 1024 * 1024;
const MAX_LINES = 20_000;
const MAX_DEPTH = 8;
const MAX_NAMES = 20_000;
const HANDLER_NAMES = 1_000;

/** A frame as the pipes carry it: four bytes of length (little endian), then JSON text in UTF-8. */
export function encodeFrame(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text));
  bytes.writeUInt32LE(bytes.length - HEADER_BYTES, 0);
  bytes.write(text, HEADER_BYTES, "utf8");
  return bytes;
}

/**
 * Cuts a stream into frames. What a script asked for comes as further lines of a frame, one text each, which are not
 * looked into here. `onBad` is told once of a frame over the cap or text that is no JSON; then it stops.
 */
export function readFrames(
  stream: Readable,
  onFrame: (frame: unknown, lines: string[]) => void,
  onBad: (why: string) => void,
): void {
  let chunks: Buffer[] = [];
  let have = 0;
  let need = HEADER_BYTES;
  let inHeader = true;
  let bad = false;
  const fail = (why: string): void => {
    bad = true;
    chunks = [];
    onBad(why);
  };
  stream.on("data", (chunk: Buffer) => {
    if (bad) return;
    chunks.push(chunk);
    have += chunk.length;
    while (have >= need) {
      const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      const piece = all.subarray(0, need);
      const rest = all.subarray(need);
      chunks = rest.length > 0 ? [rest] : [];
      have = rest.length;
      if (inHeader) {
        need = piece.readUInt32LE(0);
        inHeader = false;
        if (need > MAX_FRAME_BYTES) {
          fail(`a frame of ${need} bytes`);
          return;
        }
        continue;
      }
      need = HEADER_BYTES;
      inHeader = true;
      const [text = "", ...lines] = piece.toString("utf8").split("\n", MAX_LINES);
      if (nestsDeeperThan(text, MAX_DEPTH)) {
        fail("a frame that nests too deep");
        return;
      }
      let frame: unknown;
      try {
        frame = JSON.parse(text);
      } catch {
        fail("a frame that is no JSON");
        return;
      }
      onFrame(frame, lines);
    }
  });
}

const refusal = z.strictObject({ code: z.string().max(40), message: z.string().max(4_000) });
const place = z.strictObject({
  where: z.string().max(400),
  part: z.number().int().nonnegative().optional(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
});

/**
 * What a child may say. It may be in a script's hands: every frame is judged here, as if the checks inside it were not,
 * and names nobody but itself. What is counted over a whole run is counted in budget.ts.
 */
const childFrameSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ready") }),
  z.strictObject({
    kind: z.literal("ask"),
    question: z
      .array(z.union([z.string(), z.number()]))
      .min(1)
      .max(3),
  }),
  z.strictObject({
    kind: z.literal("done"),
    end: z.enum(["ok", "threw", "engine", "memory", "stuck"]),
    log: z.array(z.strictObject({ level: z.enum(["info", "warn", "error"]), text: z.string() })),
    droppedLines: z.number().int().nonnegative(),
    touched: z.array(z.string()).max(MAX_NAMES),
    reads: z.number().int().nonnegative(),
    handlers: z.array(z.string()).max(HANDLER_NAMES),
    over: refusal.nullable(),
    error: z
      .strictObject({ name: z.string(), message: z.string(), code: z.string(), place: place.nullable() })
      .nullable(),
  }),
]);
type SaidFrame = z.infer<typeof childFrameSchema>;
export type AskFrame = Extract<SaidFrame, { kind: "ask" }>;
export interface DoneFrame extends Extract<SaidFrame, { kind: "done" }> {
  /** What the script asked for, in order, each as text: see guest-effects.ts. */
  effects: readonly string[];
}
export type ChildFrame = Exclude<SaidFrame, { kind: "done" }> | DoneFrame;

/** undefined: no child of ours says that. */
export function readChildFrame(frame: unknown, lines: readonly string[]): ChildFrame | undefined {
  const { data } = childFrameSchema.safeParse(frame);
  return data?.kind === "done" ? { ...data, effects: lines } : data;
}
