import { AppError, type ErrorCode } from "../core/errors.ts";

/** A new code does not compile until it has its status here. */
const STATUS: Record<ErrorCode, number> = {
  json_invalid: 400,
  body_not_object: 400,
  field_invalid: 400,
  encoding_invalid: 400,
  import_invalid: 400,
  export_invalid: 409,
  redirect_invalid: 400,
  key_missing: 401,
  key_invalid: 401,
  link_signature_invalid: 403,
  link_expired: 403,
  link_used: 410,
  bot_disabled: 403,
  scope_denied: 403,
  route_not_found: 404,
  method_not_allowed: 405,
  bot_not_found: 404,
  owner_not_found: 404,
  command_unknown: 404,
  user_unknown: 404,
  chat_not_found: 404,
  lib_not_found: 404,
  run_not_found: 404,
  key_not_found: 404,
  property_not_found: 404,
  restore_point_not_found: 404,
  request_malformed: 400,
  request_timeout: 408,
  headers_too_large: 431,
  body_too_large: 413,
  decompressed_too_large: 413,
  url_too_long: 414,
  media_type_unsupported: 415,
  content_encoding_unsupported: 415,
  conflict: 409,
  precondition_failed: 412,
  key_reused: 422,
  rate_limited: 429,
  script_failed: 503,
  script_timeout: 503,
  script_memory: 503,
  unsupported_member: 503,
  limit_depth: 503,
  limit_sub_commands: 503,
  limit_effects: 503,
  limit_bytes: 503,
  limit_reads: 503,
  limit_http_calls: 503,
  bot_paused: 503,
  queue_full: 503,
  run_conflict: 503,
  storage_unavailable: 503,
  commit_unknown: 500,
  shutting_down: 503,
  internal_error: 500,
};

/** What a caller reads when something went wrong. */
export interface ErrorBody {
  error: { code: string; message: string; field?: string };
  request_id: string;
}

export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

export function errorBody(error: AppError, requestId: string): ErrorBody {
  const { code, message, field } = error;
  return { error: { code, message, ...(field !== undefined && { field }) }, request_id: requestId };
}

const FAILURES: ReadonlySet<string> = new Set(
  Object.entries(STATUS).flatMap(([code, status]) => (status === 503 ? [code] : [])),
);

/** Whether a run record's code is one that the caller may be told, with 503. */
export function isFailureCode(code: string): code is ErrorCode {
  return FAILURES.has(code);
}

/** What was thrown, as one of ours. Anything else is our fault, and its text is for the log alone. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError("internal_error", "something went wrong on our side", { cause: thrown });
}
