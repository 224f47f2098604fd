import { AppError } from "../core/errors.ts";
import { QUEUE_IN_ALL, QUEUE_PER_BOT, QUEUE_WAIT_MS } from "../core/limits.ts";

const SWEEP_MS = 250;

/** How a run wants to be started. */
export interface Wish {
  timeoutMs: number;
  /** It ran before and has to be repeated: it goes before those that have not begun. */
  again: boolean;
  /** While it runs no other run of its bot does: it met conflict after conflict. */
  alone: boolean;
}

/** A run that waits for a child. */
export interface Waiting<T> {
  bot: number;
  timeoutMs: number;
  alone: boolean;
  since: number;
  resolve: (lease: T) => void;
  reject: (error: AppError) => void;
}

/** A queue per bot, served round robin: a bot with a thousand runs waiting delays another bot by one. */
export function createRunQueue<T>(now: () => number) {
  const queues = new Map<number, Waiting<T>[]>(); // in the order in which the bots are served
  let size = 0;
  let sweeper: NodeJS.Timeout | undefined;

  function sweep(): void {
    const oldest = now() - QUEUE_WAIT_MS;
    for (const [bot, waiting] of queues) {
      const late = waiting.filter(({ since }) => since < oldest);
      if (late.length === 0) continue;
      const rest = waiting.filter(({ since }) => since >= oldest);
      if (rest.length > 0) queues.set(bot, rest);
      else queues.delete(bot);
      size -= late.length;
      for (const { reject } of late)
        reject(new AppError("queue_full", `the run waited ${QUEUE_WAIT_MS / 1000} s for its turn; call again later`));
    }
    if (size === 0) {
      clearInterval(sweeper);
      sweeper = undefined;
    }
  }

  return {
    add(bot: number, { timeoutMs, again, alone }: Wish): Promise<T> {
      const waiting = queues.get(bot) ?? [];
      if (waiting.length >= QUEUE_PER_BOT || size >= QUEUE_IN_ALL) {
        const limit = waiting.length >= QUEUE_PER_BOT ? `${QUEUE_PER_BOT} runs of bot ${bot}` : `${QUEUE_IN_ALL} runs`;
        return Promise.reject(new AppError("queue_full", `${limit} wait already; call again later`));
      }
      return new Promise<T>((resolve, reject) => {
        const entry: Waiting<T> = { bot, timeoutMs, alone, since: now(), resolve, reject };
        if (again) waiting.unshift(entry);
        else waiting.push(entry);
        queues.set(bot, waiting);
        size++;
        if (!sweeper) {
          sweeper = setInterval(sweep, SWEEP_MS);
          sweeper.unref();
        }
      });
    },
    /** The next run of the first bot that may start; that bot then goes to the end of the round. */
    take(mayStart: (next: Waiting<T>) => boolean): Waiting<T> | undefined {
      for (const [bot, waiting] of queues) {
        const [next] = waiting;
        if (!next || !mayStart(next)) continue;
        waiting.shift();
        queues.delete(bot);
        if (waiting.length > 0) queues.set(bot, waiting);
        size--;
        return next;
      }
      return undefined;
    },
    dropBot(bot: number, error: AppError): void {
      const waiting = queues.get(bot) ?? [];
      queues.delete(bot);
      size -= waiting.length;
      for (const { reject } of waiting) reject(error);
    },
    close(error: AppError): void {
      clearInterval(sweeper);
      for (const bot of [...queues.keys()]) this.dropBot(bot, error);
    },
  };
}
