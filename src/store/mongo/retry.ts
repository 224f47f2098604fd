import { AppError } from "../../core/errors.ts";

/**
 * Repeats a step whose outcome is not known: every step of the protocol may be done any number of times.
 *
 * @throws AppError with `code` when the database stays away
 */
export type Retry = <T>(step: () => Promise<T>, code?: "storage_unavailable" | "commit_unknown") => Promise<T>;

const TRIES = 7;
const FIRST_WAIT_MS = 5;

export function createRetry(sleep: (ms: number) => Promise<void>): Retry {
  return async (step, code = "storage_unavailable") => {
    for (let tries = 1; ; tries++) {
      try {
        return await step();
      } catch (cause) {
        if (tries === TRIES) throw new AppError(code, "the database did not answer", { cause });
        await sleep(FIRST_WAIT_MS * 2 ** tries);
      }
    }
  };
}
