import { KILL_WINDOW_MS, KILLS_BEFORE_PAUSE } from "../core/limits.ts";

/** Counts the kills of each bot and says how long it is paused. `now`: monotonic milliseconds. */
export function createKillLedger({ pauseMs, now }: { pauseMs: number; now: () => number }) {
  const times = new Map<number, number[]>();
  const until = new Map<number, number>();
  return {
    /** Notes a kill; true: the bot is paused from now on. A pauseMs of 0 never pauses. */
    note(bot: number): boolean {
      if (pauseMs === 0) return false;
      const recent = (times.get(bot) ?? []).filter((time) => time > now() - KILL_WINDOW_MS);
      recent.push(now());
      if (recent.length < KILLS_BEFORE_PAUSE) {
        times.set(bot, recent);
        return false;
      }
      times.delete(bot);
      until.set(bot, now() + pauseMs);
      return true;
    },
    /** Milliseconds until the bot may run again; 0: now. */
    pausedForMs(bot: number): number {
      const left = (until.get(bot) ?? 0) - now();
      if (left <= 0) until.delete(bot);
      return Math.max(0, left);
    },
  };
}
