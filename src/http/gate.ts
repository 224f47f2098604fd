import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AppError } from "../core/errors.ts";

/** Requests that one connection may have waiting for their answers (pipelining). */
const MAX_PIPELINED = 100;

/** Counts the requests that are being answered, and closes when the server is about to stop. */
export interface Gate {
  /** @throws AppError `shutting_down`, `queue_full` */
  enter: (req: IncomingMessage, res: ServerResponse) => void;
  isClosed: () => boolean;
  /** Lets nothing in any more. Resolves when all that was let in has been answered. */
  close: () => Promise<void>;
  /** The unanswered requests of a connection. */
  pending: (socket: Socket) => ReadonlySet<ServerResponse>;
}

export function createGate(): Gate {
  const bySocket = new Map<Socket, Set<ServerResponse>>();
  const none: ReadonlySet<ServerResponse> = new Set();
  let closed = false;
  let onEmpty: (() => void) | undefined;

  const leave = (socket: Socket, res: ServerResponse) => {
    const pending = bySocket.get(socket);
    pending?.delete(res);
    if (pending?.size === 0) bySocket.delete(socket);
    if (bySocket.size === 0) onEmpty?.();
  };
  return {
    enter: ({ socket }, res) => {
      const pending = bySocket.get(socket) ?? new Set();
      bySocket.set(socket, pending.add(res));
      res.once("close", () => {
        leave(socket, res);
      });
      if (closed) throw new AppError("shutting_down", "this server is stopping");
      if (pending.size > MAX_PIPELINED)
        throw new AppError("queue_full", `more than ${MAX_PIPELINED} requests wait on this connection`);
    },
    isClosed: () => closed,
    close: () => {
      closed = true;
      return new Promise((resolve) => {
        onEmpty = resolve;
        if (bySocket.size === 0) resolve();
      });
    },
    pending: (socket) => bySocket.get(socket) ?? none,
  };
}
