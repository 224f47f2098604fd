import type { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { readQuery } from "../query-pairs.ts";

const MAX_FIELD_CHARS = 200;

/** Takes unknown input apart by its schema. @throws AppError `field_invalid`, naming the first member at fault */
export function check<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])];
  const field = pathText(path).slice(0, MAX_FIELD_CHARS);
  const what = unknown === undefined ? (issue?.message ?? "not valid") : "there is no such field";
  throw new AppError("field_invalid", field === "" ? what : `${field}: ${what}`, field === "" ? {} : { field });
}

/** For a patch: one that changes nothing is a mistake of the caller. */
export function changesSomething(patch: object): boolean {
  return Object.values(patch).some((value) => value !== undefined);
}
export const CHANGES_NOTHING = "there is nothing to change in it";

/** The query of an API call as an object: each name once, each value readable. @throws AppError `field_invalid` */
export function readApiQuery(rawQuery: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const { name, value, malformed } of readQuery(rawQuery)) {
    const field = name.slice(0, MAX_FIELD_CHARS);
    if (malformed) throw new AppError("encoding_invalid", `${field}: cannot be decoded`, { field });
    if (fields.has(name)) throw new AppError("field_invalid", `${field}: given more than once`, { field });
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

/** `files[3].path` */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}
