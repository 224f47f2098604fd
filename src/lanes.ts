/** A turn in a lane. `leave` lets the next one in; leaving twice is leaving once. */
export interface Turn {
  leave: () => void;
}
export interface Lanes {
  /** Resolves when all that entered this lane before has left. Without a lane: at once. */
  enter(lane: string | undefined): Promise<Turn>;
}

/** Lanes of this node: triggers of one lane go in their order of arrival, lanes go side by side. */
export function createLanes(): Lanes {
  const tails = new Map<string, Promise<void>>();
  return {
    async enter(lane) {
      if (lane === undefined) return { leave: () => undefined };
      const before = tails.get(lane);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      tails.set(lane, promise);
      await before;
      return {
        leave: () => {
          if (tails.get(lane) === promise) tails.delete(lane);
          resolve(undefined);
        },
      };
    },
  };
}
