import { z } from "zod";
import { importScript } from "./bots.ts";
import type { Server } from "./server.ts";

const INTERVAL_MS = 50; // 20 calls a second
const answerSchema = z.object({ answer: z.string() });

/** It works with what hostile scripts like to spoil, and with a number that only the caller knows. */
const SCRIPT = `const n = Number(options.params.n);
const seen = Bot.getProperty("seen", 0);
const isClean = typeof LEAK === "undefined" && ({}).LEAK2 === undefined && ({}).polluted === undefined &&
  [1, 2].map((x) => x * 2).join() === "2,4" && JSON.stringify({ a: [n] }) === '{"a":[' + n + ']}';
Bot.sendMessage(isClean && seen === 0 ? "canary " + (n * 7 + 1) : "tainted");`;

export interface Percentiles {
  calls: number;
  p50: number;
  p95: number;
  p99: number;
}

/** A good bot beside the hostile ones: called all the time, right all the time. */
export async function createCanary(server: Server) {
  const bot = await importScript(server, SCRIPT);
  if (typeof bot === "string") throw new Error(`the canary is refused: ${bot}`);
  let n = 0;
  let wrong: string[] = [];

  /** @returns milliseconds to the answer; what is not right is noted */
  async function call(): Promise<number> {
    const mine = ++n;
    const begun = performance.now();
    let said: string;
    try {
      const answer = await fetch(`${bot instanceof Object ? bot.link : ""}&n=${mine}`);
      const text = await answer.text();
      const read = answerSchema.safeParse(JSON.parse(text));
      said = read.success ? read.data.answer : `${answer.status} ${text.slice(0, 200)}`;
    } catch (error) {
      said = String(error);
    }
    if (said !== `canary ${mine * 7 + 1}`) wrong.push(said);
    return performance.now() - begun;
  }

  return {
    call,
    /** Calls 20 times a second, whether or not the last call is back; `stop` gives how long they took. */
    start(): { stop: () => Promise<number[]> } {
      const calls: Promise<number>[] = [];
      const timer = setInterval(() => calls.push(call()), INTERVAL_MS);
      return {
        stop: () => {
          clearInterval(timer);
          return Promise.all(calls);
        },
      };
    },
    /** The answers that were not right, since the last time. */
    takeWrong(): string[] {
      const out = wrong;
      wrong = [];
      return out;
    },
  };
}
export type Canary = Awaited<ReturnType<typeof createCanary>>;

export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { calls: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function median(values: readonly number[]): number {
  return percentiles(values).p50;
}
