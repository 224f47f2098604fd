import { z } from "zod";
import { AppError } from "../../core/errors.ts";

const MAX_PAGE = 1_000;
const MAX_CURSOR_CHARS = 2_048;

/** How many of a list: at least 1; more than a page holds is a page. */
export const limitText = z
  .string()
  .regex(/^[1-9][0-9]{0,5}$/, "not a number from 1")
  .transform((text) => Math.min(Number(text), MAX_PAGE));

/** The members of a query that asks for a list. `cursor` is the `next` of the page before. */
export const pageFields = {
  limit: limitText.default(MAX_PAGE),
  cursor: z.string().max(MAX_CURSOR_CHARS).optional(),
};
export const pageQuery = z.strictObject(pageFields);
export type Page = z.output<typeof pageQuery>;

/** Where an item stands in its list: compared part by part. */
export type Place = readonly (string | number)[];
const placeSchema = z.array(z.union([z.string(), z.number()])).min(1);

export function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** @throws AppError `field_invalid` */
export function readCursor(cursor: string): Place {
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (cause) {
    throw new AppError("field_invalid", "cursor: not the next of an earlier page", { cause, field: "cursor" });
  }
}

/**
 * A page of a list.
 *
 * @param items in the order of their places
 * @returns the page, and the cursor of what follows; null: nothing follows
 */
export function pageOf<T>(
  items: readonly T[],
  { limit, cursor }: Page,
  placeOf: (item: T) => Place,
): { page: T[]; next: string | null } {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const start = after === undefined ? 0 : items.findIndex((item) => comparePlaces(placeOf(item), after) > 0);
  const page = start === -1 ? [] : items.slice(start, start + limit);
  const last = page.at(-1);
  const hasMore = start !== -1 && start + page.length < items.length;
  return { page, next: hasMore && last !== undefined ? writeCursor(placeOf(last)) : null };
}

function comparePlaces(a: Place, b: Place): number {
  for (const [i, part] of a.entries()) {
    const other = b[i] ?? "";
    if (typeof part !== typeof other) return typeof part === "number" ? -1 : 1;
    if (part < other) return -1;
    if (part > other) return 1;
  }
  return 0;
}
