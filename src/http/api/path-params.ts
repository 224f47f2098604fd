import { AppError } from "../../core/errors.ts";
import { readIntegerId } from "../../core/ids.ts";
import { PROPERTY_NAME_CHARS } from "../../core/limits.ts";

/** The variable segments of a path, as they came. Ids have one spelling each; only the name of a property or a library is decoded. */
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

/** @throws AppError `command_unknown` */
export function commandIdOf(params: PathParams): number {
  const id = readIntegerId(params.get("commandId"));
  if (id === undefined) throw new AppError("command_unknown", "this bot has no such command");
  return id;
}

/** @throws AppError `chat_not_found` */
export function chatIdOf(params: PathParams): number {
  const id = readIntegerId(params.get("chatId"));
  if (id === undefined) throw new AppError("chat_not_found", "this bot has no such chat");
  return id;
}

/** @throws AppError `encoding_invalid` */
export function libNameOf(params: PathParams): string {
  return decode(params.get("lib") ?? "");
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

/** The same words for an owner who is not there and one whom the caller is not. */
export function ownerNotFound(): AppError {
  return new AppError("owner_not_found", "there is no such owner");
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
