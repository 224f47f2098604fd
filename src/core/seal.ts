/** Puts secrets of others away, so that the database alone tells nothing of them. */
export interface Seal {
  /** @param purpose what the secret is and whose: it opens for this purpose alone */
  close: (secret: string, purpose: string) => string;
  /** null where it was closed with another key or for another purpose, or was changed. */
  open: (sealed: string, purpose: string) => string | null;
}
