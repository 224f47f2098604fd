import Router from "@koa/router";
import { AppError } from "../core/errors.ts";
import { sendError, type CallContext, type CallState } from "./answer.ts";
import { routeNotFound } from "./request-target.ts";

export interface Route {
  methods: readonly string[];
  /** Such as `/v1/bots/:botId/new-webhook`. Each address has this one spelling: letter case and slashes count. */
  path: string;
  /** @param params the segments under the names of `path`, not decoded */
  answer: (ctx: CallContext, params: ReadonlyMap<string, string>) => Promise<void> | void;
}

/** The routes in a table: what answers an address, and which methods it knows. */
export function createRoutes(routes: readonly Route[]) {
  const router = new Router<CallState>({ sensitive: true, strict: true });
  for (const { methods, path, answer } of routes)
    router.register(path, [...methods], (ctx) => answer(ctx, readParams(path, ctx.state.target.path)));

  const allowedMethods = (path: string): string[] => [
    ...new Set(router.match(path, "GET").path.flatMap(({ methods }) => methods)),
  ];
  return {
    middleware: router.routes(),
    allowedMethods,
    /** Answers what no route has taken. */
    refuse: (ctx: CallContext): void => {
      const allowed = allowedMethods(ctx.state.target.path);
      if (allowed.length === 0) throw routeNotFound();
      sendError(ctx, methodNotAllowed());
      ctx.set("Allow", allowed.join(", "));
    },
  };
}

export function methodNotAllowed(): AppError {
  return new AppError("method_not_allowed", "this address does not take this method");
}

function readParams(pattern: string, path: string): Map<string, string> {
  const segments = path.split("/");
  const params = new Map<string, string>();
  for (const [i, part] of pattern.split("/").entries())
    if (part.startsWith(":")) params.set(part.slice(1), segments[i] ?? "");
  return params;
}
