import type { Duplex } from "node:stream";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { HttpDeps } from "./deps.ts";
import { statusOf } from "./errors.ts";
import { rawAnswer } from "./raw-answer.ts";
import { methodNotAllowed } from "./routes.ts";

export interface ClientErrorDeps extends Pick<HttpDeps, "now" | "log"> {
  allowedMethods: (path: string) => string[];
  /** Whether an answer is already on its way on this connection, so that bytes of ours would land in it. */
  isAnswering: (socket: Duplex) => boolean;
}

/** Method and path of a request line; a method that Node's parser does not know never becomes a request. */
const REQUEST_LINE = /^([A-Za-z]{1,32}) (\/[!-~]{0,300}) HTTP\/1\.[01]\r?\n/;

/** Answers connections that brought no readable request, or one that took too long, and closes them. */
export function createClientError({ now, log, allowedMethods, isAnswering }: ClientErrorDeps) {
  return {
    /** Node's `clientError` event. */
    onClientError: (error: Error & { code?: string; rawPacket?: Buffer }, socket: Duplex): void => {
      if (error.code === "ECONNRESET" || !socket.writable || isAnswering(socket)) {
        socket.destroy();
        return;
      }
      const [, method, target = ""] = REQUEST_LINE.exec(error.rawPacket?.toString("latin1", 0, 512) ?? "") ?? [];
      const isUnknownMethod = error.code === "HPE_INVALID_METHOD" && method !== undefined;
      const allow = isUnknownMethod ? allowedMethods(pathOf(target)) : [];
      const reason = error.code ?? "unknown";
      if (allow.length > 0) answer(socket, { error: methodNotAllowed(), reason, allow });
      else answer(socket, { error: describe(error.code), reason });
    },
    /** Node's `connect` event: no tunnels here. */
    onConnect: (url: string, socket: Duplex): void => {
      answer(socket, { error: methodNotAllowed(), reason: "CONNECT", allow: allowedMethods(pathOf(url)) });
    },
  };

  function answer(socket: Duplex, { reason, ...refusal }: { error: AppError; reason: string; allow?: string[] }) {
    const requestId = newId("req", now());
    log({ event: "http.refused", requestId, status: statusOf(refusal.error.code), reason });
    socket.on("error", () => undefined); // the caller may be gone already
    socket.end(rawAnswer({ ...refusal, requestId }), () => socket.destroy());
  }
}

function pathOf(target: string): string {
  const [path = ""] = target.split("?", 1);
  return path;
}

function describe(code: string | undefined): AppError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new AppError("request_timeout", "the request took too long to arrive");
    case "HPE_HEADER_OVERFLOW":
      return new AppError("headers_too_large", "the request line and the headers are too long");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new AppError("request_malformed", "the chunk extensions are too long");
    default:
      return new AppError("request_malformed", "this is not a well-formed HTTP/1.1 request");
  }
}
