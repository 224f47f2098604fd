import type { RunLimits } from "../core/limits.ts";
import type { LogLine } from "../core/run-record.ts";
import type { DoneFrame } from "./frames.ts";
import { type RunEnd, runEnd, type Where } from "./verdict.ts";

/** What a root run has used of its limits, sub-commands included: one purse for the whole chain. */
export function createBudget(limits: RunLimits, log: LogLine[]) {
  let effects = 0;
  let bytes = 0;
  let reads = 0;
  let lines = 0;
  let dropped = 0;
  let subCommands = 0;

  function write(line: LogLine): void {
    if (lines++ < limits.logLines) log.push(line);
  }
  function over(at: Where): RunEnd | undefined {
    if (effects > limits.effects)
      return runEnd("limit_effects", `the run asked for more than ${limits.effects} effects`, at);
    if (bytes > limits.effectBytes)
      return runEnd("limit_bytes", `the effects of the run have more than ${limits.effectBytes} bytes`, at);
    return undefined;
  }
  return {
    write,
    /** What is left for the next execution. */
    left: () => ({
      effects: Math.max(0, limits.effects - effects),
      bytes: Math.max(0, limits.effectBytes - bytes),
      logLines: Math.max(0, limits.logLines - lines),
      reads: Math.max(0, limits.reads - reads),
    }),
    /** Counts what an execution used and keeps what it logged; says whether that was too much. */
    take(frame: DoneFrame, at: Where): RunEnd | undefined {
      reads += frame.reads;
      effects += frame.effects.length;
      dropped += frame.droppedLines;
      for (const effect of frame.effects) bytes += Buffer.byteLength(effect);
      for (const { level, text } of frame.log)
        write({ level, text: text.slice(0, limits.logLineChars), command: at.name });
      return over(at);
    },
    /** A read of our own making: a property that a command's Answer names. */
    takeRead(at: Where): RunEnd | undefined {
      if (++reads <= limits.reads) return undefined;
      return runEnd("limit_reads", `the run read more than ${limits.reads} properties`, at);
    },
    /** An effect of our own making: a command's Answer. */
    takeEffect(text: string, at: Where): RunEnd | undefined {
      effects++;
      bytes += Buffer.byteLength(text);
      return over(at);
    },
    takeSubCommand(depth: number, at: Where): RunEnd | undefined {
      if (++subCommands > limits.subCommands)
        return runEnd("limit_sub_commands", `Too many sub commands: one run may have ${limits.subCommands}`, at);
      if (depth > limits.depth)
        return runEnd("limit_depth", `Too many sub commands: they may be ${limits.depth} deep`, at);
      return undefined;
    },
    /** Says in the log that it was cut, where it was. */
    closeLog(): void {
      if (dropped > 0 || lines > limits.logLines)
        log.push({ level: "warn", text: `log lines beyond ${limits.logLines} were dropped`, command: "" });
    },
  };
}
