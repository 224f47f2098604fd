import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../core/errors.ts";
import type { TakeBytes } from "./body-budget.ts";
import { toAppError } from "./errors.ts";

/** Refuses a body by the length it declares, before any of it is read. @throws AppError `body_too_large` */
export function checkDeclaredLength(req: IncomingMessage, maxBytes: number): void {
  if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/**
 * Reads the body as it came, transfer coding taken off, and stops at the first byte too many. The rest of a refused
 * body stays unread: whoever answers decides what becomes of it.
 *
 * @throws AppError `body_too_large`, `queue_full`, `request_malformed` (the caller went away)
 */
export function readBody(
  req: IncomingMessage,
  res: ServerResponse,
  { maxBytes, take }: { maxBytes: number; take: TakeBytes },
): Promise<Buffer> {
  checkDeclaredLength(req, maxBytes);
  if (req.headers.expect?.toLowerCase() === "100-continue") res.writeContinue();

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = () => {
      req.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
      req.on("error", () => undefined); // a connection that breaks from here on is nobody's fault
    };
    const refuse = (error: AppError) => {
      req.pause();
      stop();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      try {
        if (length > maxBytes) throw tooLarge(maxBytes);
        take(chunk.length);
        chunks.push(chunk);
      } catch (thrown) {
        refuse(toAppError(thrown));
      }
    };
    const onEnd = () => {
      stop();
      resolve(Buffer.concat(chunks));
    };
    const onGone = () => {
      refuse(new AppError("request_malformed", "the body ended too early"));
    };
    req.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone);
  });
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("body_too_large", `the body is larger than ${maxBytes} bytes`);
}
