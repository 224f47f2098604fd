import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, noQuery, type Endpoint } from "./endpoint.ts";
import { botIdOf } from "./path-params.ts";

const DAY_SECONDS = 24 * 60 * 60;

const rotateBody = z.strictObject({
  /** How long links of the old key stay good. */
  overlap_seconds: z
    .number()
    .int()
    .min(0)
    .max(7 * DAY_SECONDS)
    .default(DAY_SECONDS),
});

/** The keys that sign a bot's links. Their secrets never leave the yard. */
export function createKeyEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/keys",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => ({ status: 200, body: { keys: await catalog.linkKeys(botIdOf(params)) } }),
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/keys/rotate",
      query: noQuery,
      body: rotateBody,
      answer: async ({ params, body }) => ({
        status: 200,
        body: { key: await catalog.rotateLinkKey(botIdOf(params), body.overlap_seconds) },
      }),
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId/keys/:kid",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => {
        await catalog.revokeLinkKey(botIdOf(params), params.get("kid") ?? "");
        return { status: 204 };
      },
    }),
  ];
}
