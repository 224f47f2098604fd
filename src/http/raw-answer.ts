import { STATUS_CODES } from "node:http";
import type { AppError } from "../core/errors.ts";
import { errorHeaders, JSON_TYPE, jsonText, SAFETY_HEADERS } from "./answer.ts";
import { errorBody, statusOf } from "./errors.ts";

export interface RawAnswer {
  error: AppError;
  requestId: string;
  /** Methods to name in Allow. */
  allow?: readonly string[];
}

/** A whole HTTP/1.1 answer as text, for a connection on which Node made no request to answer. It closes the connection. */
export function rawAnswer({ error, requestId, allow }: RawAnswer): string {
  const status = statusOf(error.code);
  const body = jsonText(errorBody(error, requestId));
  const headers = {
    ...SAFETY_HEADERS,
    ...errorHeaders(status),
    ...(allow !== undefined && { Allow: allow.join(", ") }),
    "x-request-id": requestId,
    "Content-Type": JSON_TYPE,
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
}
