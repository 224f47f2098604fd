import type { IncomingMessage } from "node:http";
import { AppError } from "../core/errors.ts";

/**
 * Refuses what Node's parser lets through although it may be read in two ways, or asks for another protocol.
 *
 * @throws AppError `request_malformed`
 * @see https://www.rfc-editor.org/rfc/rfc9112 section 3.2 (exactly one Host), https://www.rfc-editor.org/rfc/rfc9110
 *   section 7.8 (an Upgrade may be ignored)
 */
export function checkHead({ headers, headersDistinct, httpVersion }: IncomingMessage): void {
  const hosts = headersDistinct.host?.length ?? 0;
  if (hosts > 1 || (hosts === 0 && httpVersion !== "1.0"))
    throw new AppError("request_malformed", "a request has exactly one Host header");

  // HTTP/2 is offered by clients that are glad of an HTTP/1.1 answer; whoever asks for anything else is not
  const upgrade = headers.upgrade?.trim().toLowerCase();
  if (upgrade !== undefined && upgrade !== "h2c")
    throw new AppError("request_malformed", "this server speaks HTTP/1.1 and nothing else");
}
