import { type ErrorCode } from "../core/errors.ts";
import type { RunLimits } from "../core/limits.ts";
import type { Lib } from "../core/bot.ts";
import type { RunError } from "../core/run-record.ts";
import type { DoneFrame } from "./frames.ts";
import { withNearestMember } from "./members.ts";
import type { Fault } from "./pool.ts";
import type { Loss } from "./workers.ts";
import { authorPlace, type BodyPart, NO_PLACE } from "./source-map.ts";

/** Which command an execution was for, and the file it came from. */
export interface Where {
  name: string;
  file: string | null;
}

/** Ends a run from inside: the error becomes the outcome's. `fault` counts against the bot, and may cost the child. */
export class RunEnd extends Error {
  readonly error: RunError;
  readonly fault: Fault | undefined;
  constructor(error: RunError, fault?: Fault) {
    super(error.message);
    this.error = error;
    this.fault = fault;
  }
}

export function runEnd(code: ErrorCode, message: string, { name, file }: Where, fault?: Fault): RunEnd {
  return new RunEnd({ code, message, ...NO_PLACE, command: name, file }, fault);
}

export function timedOut(limits: RunLimits, at: Where, fault?: Fault): RunEnd {
  return runEnd("script_timeout", `the script ran past its limit of ${limits.runTimeoutMs} ms`, at, fault);
}

/** What a run whose process was lost came to. */
export function lost(why: Loss, signal: string | null, { limits, at }: { limits: RunLimits; at: Where }): RunEnd {
  if (why === "timeout") return timedOut(limits, at, why);
  if (why === "memory") {
    const sizes = `heap ${limits.heapMb} MB, process ${limits.processMemoryMb} MB`;
    return runEnd("script_memory", `the script grew past its memory limit (${sizes})`, at, why);
  }
  return runEnd("script_failed", `the script's process was lost${signal ? ` (${signal})` : ""}`, at, why);
}

export interface VerdictFacts {
  limits: RunLimits;
  at: Where;
  parts: readonly BodyPart[];
  libs: readonly Lib[];
  /** Our own clock says that the run's time was over when the frame came. */
  late: boolean;
}

/**
 * What an execution that came back has to answer for; undefined: nothing. Decided by our clock, our counters and how the
 * engine ended; never by what an error says of itself.
 */
export function verdict(frame: DoneFrame, { limits, at, parts, libs, late }: VerdictFacts): RunEnd | undefined {
  if (frame.end === "stuck") return lost(late ? "timeout" : "crashed", null, { limits, at });
  if (frame.end === "engine" && late) return timedOut(limits, at, "overtime");
  if (frame.end === "memory") return lost("memory", null, { limits, at });
  if (frame.over) return runEnd(limitCode(frame.over.code), frame.over.message, at);
  if (frame.end === "engine") return runEnd("script_failed", "a promise was rejected, and nothing handled it", at);
  if (!frame.error) return undefined;
  const { name, message, code, place } = frame.error;
  const words = withNearestMember(oneLine(message));
  const found = authorPlace(place, { parts, libs });
  return new RunEnd({
    code: code === "unsupported_member" ? code : "script_failed",
    message: name && name !== "Error" ? `${oneLine(name)}: ${words}` : words,
    ...found,
    command: found.command ?? at.name,
    file: found.file ?? at.file,
  });
}

const LIMIT_CODES: readonly ErrorCode[] = ["limit_effects", "limit_bytes", "limit_reads", "limit_http_calls"];
function limitCode(code: string): ErrorCode {
  return LIMIT_CODES.find((known) => known === code) ?? "script_failed";
}

/** One line of text: control characters, which could forge a log line or a terminal's screen, become escapes. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
