/** Changes kept at most for validation. A run that is older than all of these is taken for stale. */
const MAX_CHANGES = 100_000;
const COMPACT_FROM = 1_024;

/**
 * What changed in one bot's view and when, by a clock that counts changes. A read remembers the clock at its start
 * and stands as long as nothing it looked at changed after that.
 */
export interface Changes {
  clock(): number;
  add(keys: Iterable<string>): void;
  keySince(key: string, at: number): boolean;
  prefixSince(prefix: string, at: number): boolean;
  /** No read from before this moment will be asked about any more. */
  forgetUntil(clock: number): void;
  /** Changes held now. */
  size(): number;
}

export function createChanges(max: number = MAX_CHANGES): Changes {
  const last = new Map<string, number>(); // name → clock of its last change
  let names: string[] = []; // names[start + i] changed at clock base + i + 1
  let start = 0;
  let base = 0;
  const clock = () => base + names.length - start;

  function forgetUntil(until: number) {
    while (base < until && start < names.length) {
      const key = names[start++];
      base++;
      if (key !== undefined && last.get(key) === base) last.delete(key);
    }
    if (start === names.length) {
      names = [];
      start = 0;
    } else if (start > COMPACT_FROM && start * 2 > names.length) {
      names = names.slice(start);
      start = 0;
    }
  }

  return {
    clock,
    add(keys) {
      for (const key of keys) {
        names.push(key);
        last.set(key, clock());
      }
      if (names.length - start > max) forgetUntil(clock() - max);
    },
    keySince(key, at) {
      return at < base || (last.get(key) ?? 0) > at;
    },
    prefixSince(prefix, at) {
      if (at < base) return true;
      for (let i = start + at - base; i < names.length; i++) if (names[i]?.startsWith(prefix)) return true;
      return false;
    },
    forgetUntil,
    size: () => names.length - start,
  };
}
