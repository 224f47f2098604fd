import type { HttpDeps } from "../deps.ts";
import type { BodyBudget } from "../body-budget.ts";
import type { Route } from "../routes.ts";
import { createBearerCheck } from "./bearer.ts";
import { createBotEndpoints } from "./bots.ts";
import { createKeyEndpoints } from "./keys.ts";
import { createLinkEndpoints } from "./links.ts";
import { createPropertyEndpoints } from "./properties.ts";
import { createRunEndpoints } from "./runs.ts";
import { createUserEndpoints } from "./users.ts";

const PREFIX = "/api/v1";

/** The REST API as routes. Every one of them asks for the token first, here and nowhere else. */
export function createApi(deps: HttpDeps, budget: BodyBudget): Route[] {
  const checkBearer = createBearerCheck(deps.adminTokenSha256);
  const endpoints = [
    ...createBotEndpoints(deps),
    ...createUserEndpoints(deps),
    ...createLinkEndpoints(deps),
    ...createRunEndpoints(deps),
    ...createPropertyEndpoints(deps),
    ...createKeyEndpoints(deps),
  ];
  return endpoints.map(({ method, path, handle }) => ({
    methods: [method],
    path: PREFIX + path,
    answer: async (ctx, params) => {
      checkBearer(ctx.req);
      await handle(ctx, params, budget);
    },
  }));
}
