/**
 * Every code that a caller, an author or an operator can meet. A code is part of the API: codes are added, never
 * renamed. `http/errors.ts` gives each one its status.
 */
export type ErrorCode =
  // the caller must change the request
  | "json_invalid" // the body is not JSON, or nests deeper than limits.jsonDepth
  | "body_not_object" // the body is JSON, but not an object
  | "field_invalid" // one member of a REST call is wrong; `field` names it
  | "encoding_invalid" // a percent code or a charset that cannot be decoded
  | "import_invalid" // a bot folder that cannot be imported; the message lists why
  | "export_invalid" // a bot that cannot be written as files; the message names the command
  | "redirect_invalid" // a redirect target that is not an absolute http(s) URL without credentials
  // who calls
  | "key_missing" // no bearer token
  | "key_invalid" // a token that this yard does not know
  | "link_signature_invalid" // a wrong, missing or foreign signature, a revoked key, or an unknown bot
  | "link_expired" // the link's `exp` has come
  | "link_used" // a link made with `once` was spent before
  | "bot_disabled" // the owner switched the bot off
  | "scope_denied" // the token is good, but not for this
  // what is asked for
  | "route_not_found"
  | "method_not_allowed"
  | "bot_not_found"
  | "owner_not_found"
  | "command_unknown" // the bot has no such command, alias or library handler
  | "user_unknown" // the bot has no such user
  | "chat_not_found"
  | "lib_not_found"
  | "run_not_found"
  | "key_not_found"
  | "property_not_found"
  | "restore_point_not_found" // the bot has no earlier state of this version
  // how it is asked
  | "request_malformed" // the bytes are not one whole HTTP/1.1 request, or it asks for another protocol
  | "request_timeout" // head or body took longer than the server waits
  | "headers_too_large" // request line and headers together
  | "body_too_large"
  | "decompressed_too_large"
  | "url_too_long"
  | "media_type_unsupported"
  | "content_encoding_unsupported"
  | "conflict" // the thing was changed or made by somebody else meanwhile
  | "precondition_failed" // If-Match names another state of the thing than the one it is in
  | "key_reused" // the Idempotency-Key came before with another request
  | "rate_limited" // too many calls from this address or with this token
  // the script is to blame
  | "script_failed" // it threw, did not parse, or its process was lost
  | "script_timeout" // it ran past limits.runTimeoutMs
  | "script_memory" // it grew past its heap or its process past limits.processMemoryMb
  | "unsupported_member" // it used a member of BJS that this version does not have yet
  | "limit_depth"
  | "limit_sub_commands"
  | "limit_effects"
  | "limit_bytes"
  | "limit_reads"
  | "limit_http_calls"
  // nothing in this call is to blame
  | "bot_paused" // too many of its runs had to be killed within a minute
  | "queue_full" // too many runs wait, or this one waited too long
  | "run_conflict" // eight tries were not enough
  | "storage_unavailable" // the store is away, read-only or full
  | "commit_unknown" // the store vanished in mid-commit: the run may or may not have committed
  | "shutting_down"
  | "internal_error";

/** The one error class: the code tells them apart. `message` may be shown to the caller; `cause` never is. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** The member of the request that is at fault, where there is just one. */
  readonly field: string | undefined;
  /** After how many seconds it may be tried again, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; field?: string; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.field = options.field;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
