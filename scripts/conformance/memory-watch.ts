import { readFileSync } from "node:fs";

const SAMPLE_MS = 5;
const PAGE_BYTES = 4096;
const MB = 1024 * 1024;

/** How far the children of a process went above their cap. */
export interface MemoryPeak {
  /** The largest resident memory of one child. */
  peakMb: number;
  overMb: number;
  /** The longest time that one child was seen above the cap. */
  overMs: number;
}

/** Samples the children of a process, more often than their supervisor does. Linux only; elsewhere it sees nothing. */
export function watchMemory({ pid, capMb }: { pid: number; capMb: number }) {
  let peakMb = 0;
  let overMs = 0;
  const aboveSince = new Map<number, number>();

  const timer = setInterval(() => {
    for (const child of childrenOf(pid)) {
      const mb = residentMb(child);
      peakMb = Math.max(peakMb, mb);
      const now = performance.now();
      if (mb <= capMb) aboveSince.delete(child);
      else if (!aboveSince.has(child)) aboveSince.set(child, now);
      overMs = Math.max(overMs, now - (aboveSince.get(child) ?? now));
    }
  }, SAMPLE_MS);

  return {
    /** Since the last time. */
    take(): MemoryPeak {
      const peak = { peakMb, overMb: Math.max(0, peakMb - capMb), overMs };
      peakMb = overMs = 0;
      return peak;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

function childrenOf(pid: number): number[] {
  const list = textOf(`/proc/${pid}/task/${pid}/children`).trim();
  return list === "" ? [] : list.split(" ").map(Number);
}

function residentMb(pid: number): number {
  return (Number(textOf(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES) / MB;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // the process has just ended
  }
}
