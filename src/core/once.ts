/** A change that its caller may ask for again without its being done again. */
export interface Once {
  /** Idempotency key, with the caller in it: nobody meets a key of somebody else. */
  key: string;
  /** Digest of what was asked: the same key with another digest is a mistake of the caller. */
  print: string;
}

/** What a change may be bound to. */
export interface ChangeOptions<Current = never> {
  once?: Once | undefined;
  /** Hears, inside the commit, of the thing as it stands; what it throws keeps the change from being made. */
  expect?: ((current: Current) => void) | undefined;
}
