import type { ServerResponse } from "node:http";
import { AppError } from "../core/errors.ts";

/** Counts bytes that a request holds in memory. @throws AppError `queue_full`, `request_malformed` (the caller is gone) */
export type TakeBytes = (bytes: number) => void;
export type BodyBudget = (res: ServerResponse) => TakeBytes;

/** Bounds the bodies of all requests together. What a request took comes back when its answer is gone. */
export function createBodyBudget(maxBytes: number): BodyBudget {
  let heldByAll = 0;
  return function budgetOf(res) {
    let held = 0;
    let isOpen = true;
    res.once("close", () => {
      isOpen = false;
      heldByAll -= held;
    });
    return (bytes) => {
      if (!isOpen) throw new AppError("request_malformed", "the caller went away");
      if (heldByAll + bytes > maxBytes)
        throw new AppError("queue_full", "the bodies of too many requests are being handled");
      held += bytes;
      heldByAll += bytes;
    };
  };
}
