import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "../core/errors.ts";

/** The bodies that are held in memory at one time, all requests together. */
export interface BodyBudget {
  /** @throws AppError `queue_full` */
  take: (bytes: number) => void;
  give: (bytes: number) => void;
}

export function createBodyBudget(maxBytes: number): BodyBudget {
  let held = 0;
  return {
    take: (bytes) => {
      if (held + bytes > maxBytes)
        throw new AppError("queue_full", "the bodies of too many requests are being handled");
      held += bytes;
    },
    give: (bytes) => (held -= bytes),
  };
}

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
  { maxBytes, budget }: { maxBytes: number; budget: BodyBudget },
): Promise<Buffer> {
  checkDeclaredLength(req, maxBytes);
  if (req.headers.expect?.toLowerCase() === "100-continue") res.writeContinue();

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let held = 0;
    // what was read is in memory until the request has been answered
    res.once("close", () => {
      budget.give(held);
    });
    const stop = (settle: () => void) => {
      req.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
      req.on("error", () => undefined); // a connection that breaks from here on is nobody's fault
      settle();
    };
    const refuse = (error: unknown) => {
      req.pause();
      stop(() => {
        reject(error instanceof Error ? error : new AppError("internal_error", "reading the body failed"));
      });
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        refuse(tooLarge(maxBytes));
        return;
      }
      try {
        budget.take(chunk.length);
      } catch (full) {
        refuse(full);
        return;
      }
      held += chunk.length;
      chunks.push(chunk);
    };
    const onEnd = () => {
      stop(() => {
        resolve(Buffer.concat(chunks));
      });
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
