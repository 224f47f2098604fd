import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { PropertyOwner } from "../../core/property.ts";
import type { HttpDeps } from "../deps.ts";
import { requireBot } from "./bots.ts";
import { endpoint, noBody, type Endpoint } from "./endpoint.ts";
import { userIdText } from "./fields.ts";
import { botIdOf, propertyNameOf, userUnknown, type PathParams } from "./path-params.ts";

/** Without a user it is the bot's own; in a list it is everybody's. */
const ownerQuery = z.strictObject({ user_id: userIdText.optional() });
const valueBody = z.strictObject({ value: z.json(), type: z.string().max(32).optional() });

/** Properties of a bot and of its users. Their names are any text, percent-encoded in the path. */
export function createPropertyEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  /** @throws AppError `bot_not_found`, `user_unknown` */
  async function place(params: PathParams, { user_id }: z.output<typeof ownerQuery>) {
    const botId = botIdOf(params);
    await requireBot(catalog, botId);
    if (user_id !== undefined && (await catalog.user(botId, user_id)) === null) throw userUnknown();
    const owner: PropertyOwner = user_id ?? null;
    return { botId, owner };
  }

  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/properties",
      query: ownerQuery,
      body: noBody,
      answer: async ({ params, query }) => {
        const { botId, owner } = await place(params, query);
        const properties = await (owner === null ? catalog.properties(botId) : catalog.properties(botId, owner));
        return { status: 200, body: { properties } };
      },
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/properties/:name",
      query: ownerQuery,
      body: noBody,
      answer: async ({ params, query }) => {
        const name = propertyNameOf(params);
        const { botId, owner } = await place(params, query);
        const property = await catalog.property(botId, owner, name);
        if (property === null) throw propertyNotFound();
        return { status: 200, body: { property } };
      },
    }),
    endpoint({
      method: "PUT",
      path: "/bots/:botId/properties/:name",
      query: ownerQuery,
      body: valueBody,
      answer: async ({ params, query, body }) => {
        const name = propertyNameOf(params);
        const { botId, owner } = await place(params, query);
        const property = await catalog.setProperty(botId, owner, name, body.value, body.type);
        return { status: 200, body: { property } };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId/properties/:name",
      query: ownerQuery,
      body: noBody,
      answer: async ({ params, query }) => {
        const name = propertyNameOf(params);
        const { botId, owner } = await place(params, query);
        if (!(await catalog.deleteProperty(botId, owner, name))) throw propertyNotFound();
        return { status: 204 };
      },
    }),
  ];
}

function propertyNotFound(): AppError {
  return new AppError("property_not_found", "there is no such property");
}
