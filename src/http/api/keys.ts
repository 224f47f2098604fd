import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { actorOf } from "./caller.ts";
import { endpoint, noBody, noQuery, noResult, type Endpoint } from "./endpoint.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { botIdOf } from "./path-params.ts";
import { linkKeyShape, nextCursor } from "./shapes.ts";

const DAY_SECONDS = 24 * 60 * 60;

const rotateBody = z.strictObject({
  overlap_seconds: z
    .number()
    .int()
    .min(0)
    .max(7 * DAY_SECONDS)
    .default(DAY_SECONDS)
    .describe("how long links of the old key stay good"),
});

/** The keys that sign a bot's links. Their secrets never leave the yard. The audit log hears of a change right after it. */
export function createKeyEndpoints({ catalog, owners }: Pick<HttpDeps, "catalog" | "owners">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/keys",
      need: "read",
      about: "The keys whose links are good, the signing one first",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ keys: z.array(linkKeyShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const keys = await catalog.linkKeys(botIdOf(params));
        const { page, next } = pageOf([...keys.entries()], query, ([place]) => [place]);
        return { status: 200, body: { keys: page.map(([, key]) => key), next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/keys/rotate",
      need: "admin",
      about: "Sign with a new key; links of the old one stay good for a while",
      query: noQuery,
      body: rotateBody,
      result: z.strictObject({ key: linkKeyShape }),
      answer: async ({ params, body, caller, once }) => {
        const botId = botIdOf(params);
        const key = await catalog.rotateLinkKey(botId, body.overlap_seconds, { once });
        await owners.note({ action: "link_key.rotated", bot_id: botId, key_id: key.kid }, actorOf(caller));
        return { status: 200, body: { key } };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId/keys/:kid",
      need: "admin",
      about: "Revoke a key: every link that it signed is dead",
      query: noQuery,
      body: noBody,
      result: noResult,
      answer: async ({ params, caller }) => {
        const botId = botIdOf(params);
        const kid = params.get("kid") ?? "";
        await catalog.revokeLinkKey(botId, kid);
        await owners.note({ action: "link_key.revoked", bot_id: botId, key_id: kid }, actorOf(caller));
        return { status: 204 };
      },
    }),
  ];
}
