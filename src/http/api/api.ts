import type { IncomingMessage } from "node:http";
import type { BodyBudget } from "../body-budget.ts";
import type { HttpDeps } from "../deps.ts";
import type { RateGuard } from "../rate-limits.ts";
import type { Route } from "../routes.ts";
import { createAuthenticate } from "./authenticate.ts";
import { createAuditEndpoints } from "./audit.ts";
import { createStateEndpoints } from "./bot-states.ts";
import { createBotEndpoints } from "./bots.ts";
import { requireOwn, requireScope } from "./caller.ts";
import { createChatEndpoints } from "./chats.ts";
import { createCommandEndpoints } from "./commands.ts";
import type { Endpoint } from "./endpoint.ts";
import { createKeyEndpoints } from "./keys.ts";
import { createLibEndpoints } from "./libs.ts";
import { createLinkEndpoints } from "./links.ts";
import { createOwnerEndpoints } from "./owners.ts";
import { createPropertyEndpoints } from "./properties.ts";
import { createRunEndpoints } from "./runs.ts";
import { createTokenEndpoints } from "./tokens.ts";
import { createUserEndpoints } from "./users.ts";

export const API_PREFIX = "/api/v1";

/** The whole table of the REST API. */
export function createEndpoints(deps: HttpDeps): Endpoint[] {
  return [
    ...createBotEndpoints(deps),
    ...createStateEndpoints(deps),
    ...createCommandEndpoints(deps),
    ...createLibEndpoints(deps),
    ...createUserEndpoints(deps),
    ...createChatEndpoints(deps),
    ...createPropertyEndpoints(deps),
    ...createLinkEndpoints(deps),
    ...createRunEndpoints(deps),
    ...createKeyEndpoints(deps),
    ...createOwnerEndpoints(deps),
    ...createTokenEndpoints(deps),
    ...createAuditEndpoints(deps),
  ];
}

export interface ApiParts {
  deps: HttpDeps;
  endpoints: readonly Endpoint[];
  budget: BodyBudget;
  guard: RateGuard;
  clientIp: (req: IncomingMessage) => string;
}

/** The REST API as routes. Every one of them asks who calls, whether they may, and whether it is theirs: here alone. */
export function createApi({ deps, endpoints, budget, guard, clientIp }: ApiParts): Route[] {
  const { adminTokenSha256, owners } = deps;
  const authenticate = createAuthenticate({ adminTokenSha256, owners, guard, clientIp });
  return endpoints.map(({ method, path, need, handle }) => ({
    methods: [method],
    path: API_PREFIX + path,
    answer: async (ctx, params) => {
      const caller = await authenticate(ctx.req);
      requireScope(caller, need);
      await requireOwn(caller, params, deps);
      await handle(ctx, { params, caller, budget });
    },
  }));
}
