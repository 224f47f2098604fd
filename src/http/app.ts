import Koa from "koa";
import type { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { createApi, createEndpoints } from "./api/api.ts";
import { writeAccessLog } from "./access-log.ts";
import { SAFETY_HEADERS, sendError, type CallContext, type CallState } from "./answer.ts";
import { createBodyBudget } from "./body-budget.ts";
import { checkHead } from "./check-head.ts";
import { createRequestIp } from "./client-ip.ts";
import type { HttpDeps } from "./deps.ts";
import { toAppError } from "./errors.ts";
import type { Gate } from "./gate.ts";
import { answerAndLinger, hasUnreadBody } from "./linger.ts";
import { createLinkRoute, LINK_METHODS } from "./links/link-route.ts";
import { createOpenApiRoutes } from "./openapi/routes.ts";
import { createPages } from "./pages.ts";
import { createRateGuard } from "./rate-limits.ts";
import { readTarget } from "./request-target.ts";
import { createRoutes } from "./routes.ts";

/** Bodies of all requests that wait or run, together. */
const BODIES_IN_MEMORY_BYTES = 256 * 1024 * 1024;
const LINK_ROUTE = "/v1/bots/:botId/new-webhook";
const LINK_PATH = /^\/v1\/bots\/[^/]+\/new-webhook(?:\?|$)/;

/** The Koa app of the yard. `gate` counts what is being answered, so that a server can stop without cutting it off. */
export function createApp(deps: HttpDeps, gate: Gate) {
  const budget = createBodyBudget(BODIES_IN_MEMORY_BYTES);
  const guard = createRateGuard(deps.rateLimits, { now: deps.now });
  const clientIp = createRequestIp(deps.trustedProxies);
  const linkRoute = createLinkRoute({ http: deps, budget, guard, clientIp });
  const endpoints = createEndpoints(deps);
  const routes = createRoutes([
    ...createPages(deps),
    ...createApi({ deps, endpoints, budget, guard, clientIp }),
    ...createOpenApiRoutes(endpoints),
    {
      methods: LINK_METHODS,
      path: LINK_ROUTE,
      answer: (ctx, params) => linkRoute(ctx, params.get("botId") ?? ""),
    },
  ]);

  const app = new Koa<CallState>({ env: "production" });
  app.on("error", (error: Error) => {
    // a connection that broke while an answer was on its way
    deps.log({ event: "http.broken", message: error.message });
  });
  app.use(async (ctx, next) => {
    const startedAt = deps.now();
    ctx.state = { requestId: newId("req", startedAt), target: { path: "", rawQuery: "" } };
    ctx.set({ ...SAFETY_HEADERS, "x-request-id": ctx.state.requestId });
    if (LINK_PATH.test(ctx.req.url ?? "")) allowEveryOrigin(ctx);
    writeAccessLog(ctx, { startedAt, now: deps.now, log: deps.log });
    try {
      gate.enter(ctx.req, ctx.res);
      checkHead(ctx.req);
      ctx.state.target = readTarget(ctx.req.url ?? "");
      ctx.url = ctx.state.target.path; // the router gets the path as it came, and nobody the parsed query
      await next();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === "internal_error") logFault(ctx, error);
      sendError(ctx, error);
      if (error.code === "request_malformed") ctx.set("Connection", "close"); // what follows may be no request either
    }
    if (gate.isClosed()) ctx.set("Connection", "close");
    if (hasUnreadBody(ctx.req)) answerAndLinger(ctx);
  });
  app.use(routes.middleware);
  app.use((ctx) => {
    routes.refuse(ctx);
  });

  function logFault(ctx: CallContext, { cause, stack }: AppError): void {
    const detail = cause instanceof Error ? cause.stack : stack;
    deps.log({ event: "http.fault", requestId: ctx.state.requestId, detail });
  }
  return { app, allowedMethods: routes.allowedMethods };
}

/** A link is its own authority: any page may call it, and there are no credentials to send along. */
function allowEveryOrigin(ctx: CallContext): void {
  ctx.set("Access-Control-Allow-Origin", "*");
  ctx.set("Access-Control-Expose-Headers", "x-request-id, retry-after");
}
