import type { CallContext } from "./answer.ts";

const MAX_PATH_CHARS = 300;

export interface AccessLogDeps {
  startedAt: number;
  now: () => number;
  log: (line: Record<string, unknown>) => void;
}

/**
 * One line for each request, once its answer is gone; at the level debug where a link ran, for the run has a line of its
 * own. The query is left out: signatures and tokens travel there.
 */
export function writeAccessLog(ctx: CallContext, { startedAt, now, log }: AccessLogDeps): void {
  const [path = ""] = (ctx.req.url ?? "").split("?", 1);
  const { method } = ctx;
  ctx.res.once("close", () => {
    const isLink = path.startsWith("/v1/");
    log({
      ...(isLink && ctx.res.statusCode < 400 && { level: "debug" }),
      event: "http.request",
      requestId: ctx.state.requestId,
      method,
      path: path.slice(0, MAX_PATH_CHARS),
      status: ctx.res.statusCode,
      durationMs: now() - startedAt,
      ...(!ctx.res.writableFinished && { aborted: true }),
    });
  });
}
