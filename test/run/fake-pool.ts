import { afterEach, beforeEach, vi } from "vitest";
import { createPool, type Lease, type PoolDeps } from "../../src/run/pool.ts";
import type { ExecEnd } from "../../src/run/workers.ts";
import { createFakeChildren, type FakeChild } from "./fake-children.ts";

export const NOBODY_ASKS = (): Promise<never> => Promise.reject(new Error("nobody asks here"));
const WISH = { timeoutMs: 1_000, again: false, alone: false };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets everything happen that is due now. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

interface PoolOptions extends Partial<PoolDeps> {
  getReady?: boolean;
  linger?: boolean;
}

export async function openPool({ getReady, linger, ...deps }: PoolOptions = {}) {
  const fakes = createFakeChildren({ ...(getReady !== undefined && { getReady }), ...(linger && { linger }) });
  const lines: Record<string, unknown>[] = [];
  const pool = createPool({
    startChild: fakes.startChild,
    hello: { prelude: "", heapMb: 64 },
    processes: 2,
    processMemoryMb: 256,
    pauseMs: 0,
    now: () => Date.now(),
    log: (line) => lines.push(line),
    ...deps,
  });
  await settle();
  const leases: { name: string; lease: Lease }[] = [];
  /** Asks for a child; what it got is noted in the order in which it was lent. */
  const acquire = (bot: number, name = `bot ${bot}`, wish: Partial<typeof WISH> = {}): Promise<Lease> => {
    const lent = pool.acquire(bot, { ...WISH, ...wish });
    lent.then(
      (lease) => leases.push({ name, lease }),
      () => undefined,
    );
    return lent;
  };
  const lent = (): string[] => leases.map(({ name }) => name);
  const release = async (name: string): Promise<void> => {
    leases.find((one) => one.name === name)?.lease.release();
    await settle();
  };
  return { pool, children: fakes.children, lines, acquire, lent, release };
}

/** Runs something on a lease; the frame goes to the child that has it. */
export function run(lease: Lease, children: readonly FakeChild[]): { child: FakeChild; ended: Promise<ExecEnd> } {
  const before = children.map(({ sent }) => sent.length);
  const ended = lease.exec({ job: "" }, NOBODY_ASKS);
  const child = children.find(({ sent }, i) => sent.length > (before[i] ?? 0));
  if (!child) throw new Error("no child got the frame");
  return { child, ended };
}

/** Plays runs that have to be killed for their time. */
export async function killRuns(yard: Awaited<ReturnType<typeof openPool>>, bot: number, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const lease = await yard.acquire(bot);
    const { ended } = run(lease, yard.children);
    await pass(1_250);
    await ended;
    lease.release("timeout");
    await settle();
  }
}
