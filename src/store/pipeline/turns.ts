/**
 * Turns of runs that met conflicts. A run with a turn runs while no other run with a turn does. A run that is alone
 * also keeps new runs out until it has ended, so that a slow one gets through among quick ones.
 */
export interface Turns {
  /** Waits for a turn. The function that comes back ends it; it may be called twice. */
  take(options: { alone: boolean }): Promise<() => void>;
  /** What a run without a turn waits for before it begins; undefined: nothing. */
  closed(): Promise<void> | undefined;
}

export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  let closed: Promise<void> | undefined;
  return {
    async take({ alone }) {
      const before = last;
      const turn = Promise.withResolvers<undefined>();
      last = turn.promise;
      await before;
      if (alone) closed = turn.promise;
      return () => {
        if (closed === turn.promise) closed = undefined;
        turn.resolve(undefined);
      };
    },
    closed: () => closed,
  };
}
