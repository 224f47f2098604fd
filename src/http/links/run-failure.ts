import { AppError } from "../../core/errors.ts";
import type { RunRecord } from "../../core/run-record.ts";
import { isFailureCode } from "../errors.ts";

/**
 * The answer for a run that failed. What a limit says is our own sentence; what a script threw may hold anything, and
 * is for the bot's owner: the caller learns where to look.
 */
export function runFailure({ id, command, error }: RunRecord): AppError {
  const code = error !== null && isFailureCode(error.code) ? error.code : "script_failed";
  if (error === null || code === "script_failed")
    return new AppError("script_failed", `the command ${command} failed; see ${id}`);
  return new AppError(code, error.message);
}
