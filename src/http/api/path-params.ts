import { AppError } from "../../core/errors.ts";
import { readIntegerId } from "../../core/ids.ts";
import { PROPERTY_NAME_CHARS } from "../../core/limits.ts";

/** The variable segments of a path, as they came. Ids have one spelling each; only a property's name is decoded. */
export type PathParams = ReadonlyMap<string, string>;

/** An id that is none answers as that of a bot which is not there. @throws AppError `bot_not_found` */
export function botIdOf(params: PathParams): number {
  const id = readIntegerId(params.get("botId"));
  if (id === undefined) throw botNotFound();
  return id;
}

/** @throws AppError `user_unknown` */
export function userIdOf(params: PathParams): number {
  const id = readIntegerId(params.get("userId"));
  if (id === undefined) throw userUnknown();
  return id;
}

/** @throws AppError `encoding_invalid`, `field_invalid` */
export function propertyNameOf(params: PathParams): string {
  const name = decode(params.get("name") ?? "");
  if (name.length > PROPERTY_NAME_CHARS || name.includes("\0"))
    throw new AppError("field_invalid", `name: text without NUL, at most ${PROPERTY_NAME_CHARS} characters`, {
      field: "name",
    });
  return name;
}

/** The same words for a bot that is not there and one that belongs to somebody else. */
export function botNotFound(): AppError {
  return new AppError("bot_not_found", "there is no such bot");
}

export function userUnknown(): AppError {
  return new AppError("user_unknown", "this bot has no such user");
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new AppError("encoding_invalid", "name: a percent code that cannot be decoded", { cause, field: "name" });
  }
}
