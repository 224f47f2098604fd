/** Limits of one root run, sub-commands included. Each has its own error code (core/errors.ts). */
export interface RunLimits {
  /** Wall clock of the whole root run, from the moment a child takes it. */
  runTimeoutMs: number;
  /** Heap of the guest isolate. */
  heapMb: number;
  /** Resident memory of the child process, polled: what it can reach is this plus the overshoot of one poll. */
  processMemoryMb: number;
  depth: number;
  subCommands: number;
  effects: number;
  /** Bytes of all effects together, as JSON text in UTF-8. */
  effectBytes: number;
  /** Log lines beyond this are dropped and counted. */
  logLines: number;
  logLineChars: number;
  /** Property reads beyond the prefetched ones. */
  reads: number;
}

export const DEFAULT_RUN_LIMITS: RunLimits = {
  runTimeoutMs: 5_000,
  heapMb: 64,
  processMemoryMb: 256,
  depth: 50,
  subCommands: 500,
  effects: 1_000,
  effectBytes: 2 * 1024 * 1024,
  logLines: 500,
  logLineChars: 2_000,
  reads: 1_000,
};

export const MAX_RUN_TIMEOUT_MS = 25_000;

/** A stored value, as JSON text in UTF-8. */
export const PROPERTY_VALUE_BYTES = 256 * 1024;
export const PROPERTY_NAME_CHARS = 256;
/** Text of one message; channels split it. */
export const MESSAGE_TEXT_BYTES = 64 * 1024;
/** Source of one command or library. */
export const SOURCE_BYTES = 1024 * 1024;
/** All sources and texts of one bot together: an import is one commit. */
export const BOT_BYTES = 12 * 1024 * 1024;
export const COMMAND_NAME_CHARS = 512;
export const COMMAND_TEXT_CHARS = 4_096;

export const LINK_BODY_BYTES = 1024 * 1024;
export const API_BODY_BYTES = 1024 * 1024;
/** The body of an import: the files as JSON text. */
export const IMPORT_BODY_BYTES = 32 * 1024 * 1024;
export const JSON_DEPTH = 100;

export const QUEUE_PER_BOT = 2_000;
export const QUEUE_IN_ALL = 10_000;
export const QUEUE_WAIT_MS = 10_000;

/** So many kills of one bot's runs within KILL_WINDOW_MS pause the bot. */
export const KILLS_BEFORE_PAUSE = 3;
export const KILL_WINDOW_MS = 60_000;
/** How far behind the script's own limit the verdict may fall, kill included. */
export const VERDICT_GRACE_MS = 500;
