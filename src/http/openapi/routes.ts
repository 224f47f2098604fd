import { sendJson } from "../answer.ts";
import type { EndpointFacts } from "../api/endpoint.ts";
import type { Route } from "../routes.ts";
import { createDocument } from "./document.ts";
import { EXAMPLES } from "./examples.ts";
import { createPage } from "./page.ts";

/** Of the API, as its path has it; a member that is added does not change it. */
const API_VERSION = "1.0.0";

/** The API's document for programs, and the page for readers. Both are the same for everybody, and need no token. */
export function createOpenApiRoutes(endpoints: readonly EndpointFacts[]): Route[] {
  let made: ReturnType<typeof make> | undefined;
  const make = () => {
    const document = createDocument({ endpoints, examples: EXAMPLES, version: API_VERSION });
    return { document, page: createPage(document) };
  };
  return [
    {
      methods: ["GET"],
      path: "/api/openapi.json",
      answer: (ctx) => {
        sendJson(ctx, 200, (made ??= make()).document);
      },
    },
    {
      methods: ["GET"],
      path: "/api",
      answer: (ctx) => {
        const { page } = (made ??= make());
        ctx.set("Content-Security-Policy", page.policy);
        ctx.set("Content-Type", "text/html; charset=utf-8");
        ctx.body = page.html;
      },
    },
  ];
}
