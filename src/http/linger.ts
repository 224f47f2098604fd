import type { IncomingMessage } from "node:http";
import type { CallContext } from "./answer.ts";

/** Up to here Node reads the rest of an unwanted body itself and keeps the connection. */
const SMALL_BODY_BYTES = 64 * 1024;
const LINGER_MS = 1_000;
const LINGER_BYTES = 4 * 1024 * 1024;

/** Whether the caller is still sending a body that nobody reads any more. */
export function hasUnreadBody(req: IncomingMessage): boolean {
  if (req.complete) return false;
  const declared = req.headers["content-length"];
  return req.headers["transfer-encoding"] !== undefined || Number(declared ?? 0) > SMALL_BODY_BYTES;
}

/**
 * Answers while the caller is still sending, and closes the connection. Closing at once would reset it, and the caller
 * would lose the answer: so the rest is read and dropped for a moment.
 */
export function answerAndLinger(ctx: CallContext): void {
  const { req, res } = ctx;
  const text = typeof ctx.body === "string" && ctx.method !== "HEAD" ? ctx.body : "";
  ctx.respond = false; // Koa would end the answer, and with it the connection
  res.setHeader("Connection", "close");
  res.setHeader("Content-Length", Buffer.byteLength(text));
  res.write(text);
  res.flushHeaders();

  let dropped = 0;
  const end = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, LINGER_MS).unref();
  req.on("error", () => undefined);
  req.once("close", end).once("end", end);
  req.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > LINGER_BYTES) end();
  });
  req.resume();
}
