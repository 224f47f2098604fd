import { AppError } from "../../core/errors.ts";

/** What to call a database that stays away: nothing was committed, or nobody knows. */
export type Away = "storage_unavailable" | "commit_unknown";

/**
 * Repeats a step whose outcome is not known: every step of the protocol may be done any number of times.
 *
 * @throws AppError with `code` when the database stays away
 */
export type Retry = <T>(step: () => Promise<T>, code?: Away) => Promise<T>;

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
