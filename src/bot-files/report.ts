import type { ImportNote } from "../core/catalog.ts";

/** A folder of 5,000 odd files would say the same thing 5,000 times: beyond this, notes are only counted. */
const MAX_NOTES = 500;

/** Where a note points: the file, and the line in it (from 1). */
export interface Place {
  file: string;
  line?: number;
}

export interface Report {
  add: (level: ImportNote["level"], message: string, place?: Place) => void;
  hasErrors: () => boolean;
  /** The notes in the order in which they were found; the last one says how many were left out. */
  notes: () => ImportNote[];
}

/** Collects what an import has to say. Errors are kept before everything else: they are why nothing was imported. */
export function createReport(): Report {
  const notes: ImportNote[] = [];
  let leftOut = 0;
  let errors = 0;

  return {
    add(level, message, place) {
      if (level === "error") errors++;
      const isFirstError = level === "error" && errors === 1;
      if (notes.length >= MAX_NOTES && !isFirstError) leftOut++;
      else notes.push({ level, file: place?.file ?? null, line: place?.line ?? null, message });
    },
    hasErrors: () => errors > 0,
    notes() {
      if (leftOut === 0) return [...notes];
      return [...notes, { level: "info", file: null, line: null, message: `${leftOut} more notes are left out` }];
    },
  };
}
