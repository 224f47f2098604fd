import { AppError } from "../../core/errors.ts";
import { readIntegerId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import type { LinkRequest } from "../../core/link.ts";

/**
 * Reads what a script gave to `Libs.Webhooks.getUrlFor`, as JSON handed it over (a Date is then ISO 8601 text). Ids may
 * be numbers or their text, `exp` is seconds from now or a date; names that we do not know are ignored, as the BJS
 * library does.
 *
 * @param nowMs milliseconds since 1970
 * @throws AppError `field_invalid`: also for `human` and `confirm`, which must not be dropped in silence
 */
export function readGuestWish(wish: JsonObject, nowMs: number): LinkRequest {
  const { command, content, user_id: userId, redirect_to: redirectTo, exp, once, human, confirm } = wish;
  if (typeof command !== "string" || command.trim() === "") throw invalid("command", "getUrlFor needs a command");
  for (const [name, value] of Object.entries({ human, confirm }))
    if (isSet(value) && value !== false) throw invalid(name, `getUrlFor: ${name} is not supported yet`);

  const request: LinkRequest = { command };
  if (isSet(content)) request.content = typeof content === "object" ? JSON.stringify(content) : String(content);
  if (isSet(userId) && userId !== "") {
    const id = readIntegerId(userId);
    if (id === undefined) throw invalid("user_id", "getUrlFor: user_id is not the id of a user");
    request.userId = id;
  }
  if (isSet(redirectTo) && redirectTo !== "") {
    if (typeof redirectTo !== "string") throw invalid("redirect_to", "getUrlFor: redirect_to is not a text");
    request.redirectTo = redirectTo;
  }
  if (isSet(exp)) request.exp = readExpiry(exp, nowMs);
  if (isSet(once) && once !== false) request.once = true;
  return request;
}

function readExpiry(exp: unknown, nowMs: number): number {
  const ms = typeof exp === "number" ? nowMs + exp * 1000 : typeof exp === "string" ? Date.parse(exp) : Number.NaN;
  if (!Number.isFinite(ms)) throw invalid("exp", "getUrlFor: exp is neither seconds from now nor a Date");
  return Math.floor(ms / 1000);
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

function invalid(field: string, message: string): AppError {
  return new AppError("field_invalid", message, { field });
}
