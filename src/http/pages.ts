import { AppError } from "../core/errors.ts";
import { sendJson, type CallContext } from "./answer.ts";
import type { HttpDeps } from "./deps.ts";
import type { Route } from "./routes.ts";

const ABOUT = {
  name: "Botyard",
  about: "a self-hosted runtime for bots whose commands are small JavaScript files",
  docs: "README.md of the installed version",
  api: "/api/v1",
};

/** Fixed answers that need no key: health, and what browsers and crawlers ask for by themselves. */
export function createPages({ ready }: Pick<HttpDeps, "ready">): Route[] {
  const get = (path: string, answer: (ctx: CallContext) => Promise<void> | void): Route => ({
    methods: ["GET"],
    path,
    answer,
  });
  return [
    get("/", (ctx) => {
      sendJson(ctx, 200, ABOUT);
    }),
    get("/healthz", (ctx) => {
      sendJson(ctx, 200, { status: "ok" });
    }),
    get("/readyz", async (ctx) => {
      if (!(await ready())) throw new AppError("storage_unavailable", "the store does not answer");
      sendJson(ctx, 200, { status: "ready" });
    }),
    get("/robots.txt", (ctx) => {
      ctx.set("Content-Type", "text/plain; charset=utf-8");
      ctx.body = "User-agent: *\nDisallow: /\n";
    }),
    get("/favicon.ico", (ctx) => {
      ctx.status = 204;
    }),
  ];
}
