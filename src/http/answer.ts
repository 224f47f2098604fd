import type { ParameterizedContext } from "koa";
import type { AppError } from "../core/errors.ts";
import { errorBody, statusOf } from "./errors.ts";
import type { RequestTarget } from "./request-target.ts";

/** What belongs to one request. */
export interface CallState {
  requestId: string;
  target: RequestTarget;
}
export type CallContext = ParameterizedContext<CallState>;

/** On every answer: nothing of ours is a page, is kept, or says where it was called from. */
export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store, private",
};
export const JSON_TYPE = "application/json; charset=utf-8";

const RETRY_AFTER_SECONDS = 30;

/** JSON text that no browser takes for markup, whatever type it believes in. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function sendJson(ctx: CallContext, status: number, value: unknown): void {
  ctx.status = status;
  ctx.set("Content-Type", JSON_TYPE); // before the body: a text that starts with "<" would be called HTML
  ctx.body = jsonText(value);
}

export function sendError(ctx: CallContext, error: AppError): void {
  const status = statusOf(error.code);
  sendJson(ctx, status, errorBody(error, ctx.state.requestId));
  for (const [name, value] of Object.entries(errorHeaders(status, error.retryAfterSeconds))) ctx.set(name, value);
}

/** The headers that an error's status asks for. */
export function errorHeaders(status: number, retryAfterSeconds?: number): Record<string, string> {
  if (status === 503 || status === 429) return { "Retry-After": String(retryAfterSeconds ?? RETRY_AFTER_SECONDS) };
  if (status === 401) return { "WWW-Authenticate": "Bearer" };
  return {};
}
