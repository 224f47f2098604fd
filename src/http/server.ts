import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { Socket } from "node:net";
import { createApp } from "./app.ts";
import { createClientError } from "./client-error.ts";
import type { HttpDeps } from "./deps.ts";
import { createGate } from "./gate.ts";

/** How long the server waits for what. */
export interface ServerTimes {
  /** For a whole head. */
  headersMs: number;
  /** For a whole request. */
  requestMs: number;
  /** Of silence on a connection while anything is under way: a caller that does not read its answer. */
  silenceMs: number;
  /** For the next request on a connection; longer than what proxies in front of us wait, so that they close first. */
  keepAliveMs: number;
  /** Between two looks at the clock. */
  checkMs: number;
}

export const SERVER_TIMES: ServerTimes = {
  headersMs: 10_000,
  requestMs: 30_000,
  silenceMs: 60_000,
  keepAliveMs: 65_000,
  checkMs: 1_000,
};
const MAX_CONNECTIONS = 4_096;
const MAX_HEADER_BYTES = 16 * 1024;

export interface YardServer {
  server: Server;
  /**
   * Stops accepting, closes idle connections and refuses what comes on the others (503 `shutting_down`). Resolves when
   * all that was under way has been answered and every connection is closed.
   */
  drain: () => Promise<void>;
}

/** The HTTP server of the yard, not yet listening. */
export function createServer(deps: HttpDeps, times: ServerTimes = SERVER_TIMES): YardServer {
  const gate = createGate();
  const { app, allowedMethods } = createApp(deps, gate);
  const server = createHttpServer({
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: times.checkMs,
    maxHeaderSize: MAX_HEADER_BYTES,
    requireHostHeader: false, // checkHead requires it, and answers in our own words
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = times.silenceMs;

  const handle = app.callback();
  const onRequest: RequestListener = (req, res) => {
    void handle(req, res); // answers its own errors
  };
  server.on("request", onRequest);
  server.on("checkContinue", onRequest); // 100 is sent when the body is wanted, not before
  server.on("checkExpectation", onRequest);

  const { onClientError, onConnect } = createClientError({
    ...{ now: deps.now, log: deps.log, allowedMethods },
    isAnswering: (socket) => socket instanceof Socket && [...gate.pending(socket)].some((res) => res.headersSent),
  });
  server.on("clientError", onClientError);
  server.on("connect", (req, socket) => {
    onConnect(req.url ?? "", socket);
  });

  return {
    server,
    drain: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await gate.close();
      server.closeAllConnections(); // what is left is idle, or a request that never became whole
      await closed;
    },
  };
}
