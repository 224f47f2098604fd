import type { JsonObject } from "./json.ts";

/** One incoming thing, in one shape, wherever it came from. */
export interface Trigger {
  botId: number;
  source: "link" | "api";
  /** Command text: a name, or a name, a space and params. */
  command: string;
  /** What the user typed, where somebody did; else the command text. */
  message?: string;
  userId?: number;
  /** The body of the call as text, or the link's own content; "" where there is none. */
  content: string;
  /** What the script finds in `options`; null where it must find nothing (a typed command). */
  options: JsonObject | null;
  /** A `once` link: its mark is spent by the run that commits. */
  once?: { kid: string; nonce: string };
  idempotencyKey?: string;
  /** Digest of the call: a call that brings the same key and another digest is refused. */
  idempotencyPrint?: string;
}
