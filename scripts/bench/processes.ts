import { readFileSync } from "node:fs";

const KB_PER_MB = 1024;
const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on
/** Places in /proc/PID/stat behind the name in parentheses: the process's own ticks, and those of children it has buried. */
const OWN = [11, 12];
const BURIED = [13, 14];

/** Resident memory of a process (VmRSS: pages that it shares count in full), MB. 0: it is gone. */
export function residentMb(pid: number): number {
  const [, kb = "0"] = /^VmRSS:\s+([0-9]+)/m.exec(read(pid, "status")) ?? [];
  return Number(kb) / KB_PER_MB;
}

/** Seconds of processor time that a process has used, and that its children used which have ended. */
export function cpuSeconds(pid: number): { own: number; buried: number } {
  const fields = read(pid, "stat").split(") ")[1]?.split(" ") ?? [];
  const seconds = (places: number[]): number =>
    places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) / TICKS_PER_SECOND;
  return { own: seconds(OWN), buried: seconds(BURIED) };
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return ""; // it ended between the question and the look
  }
}
