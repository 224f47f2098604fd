import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { NamedProperty, PropertyOwner } from "../../core/property.ts";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, noResult, type Endpoint } from "./endpoint.ts";
import { entityTag } from "./entity-tags.ts";
import { userIdText } from "./fields.ts";
import { pageFields, pageOf } from "./pages.ts";
import { botIdOf, propertyNameOf, userUnknown, type PathParams } from "./path-params.ts";
import { nextCursor, propertyShape } from "./shapes.ts";

const userField = userIdText.optional().describe("whose it is; absent: the bot's own");
const ownerQuery = z.strictObject({ user_id: userField });
const listQuery = z.strictObject({
  user_id: userIdText.optional().describe("only those of this user; absent: everybody's and the bot's own"),
  ...pageFields,
});
const valueBody = z.strictObject({
  value: z.json(),
  type: z.string().max(32).optional().describe("as in scripts; absent: by the value"),
});
const incrementBody = z.strictObject({ by: z.number() });
const oneProperty = z.strictObject({ property: propertyShape });
const path = "/bots/:botId/properties/:name";

/** Properties of a bot and of its users. Their names are any text, percent-encoded in the path. */
export function createPropertyEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  /** @throws AppError `user_unknown` */
  async function place(params: PathParams, { user_id }: { user_id?: number | undefined }) {
    const botId = botIdOf(params);
    if (user_id !== undefined && (await catalog.user(botId, user_id)) === null) throw userUnknown();
    const owner: PropertyOwner = user_id ?? null;
    return { botId, owner };
  }
  const shown = (property: NamedProperty) => ({
    ...{ status: 200 as const, body: { property }, tag: entityTag(property) },
  });
  const expecting = (match: (tag: string | null) => void) => ({
    expect: (property: NamedProperty | null) => {
      match(property === null ? null : entityTag(property));
    },
  });

  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/properties",
      need: "read",
      about: "Properties: the bot's own first, then by user and name",
      query: listQuery,
      body: noBody,
      result: z.strictObject({ properties: z.array(propertyShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const { botId, owner } = await place(params, query);
        const all = await (owner === null ? catalog.properties(botId) : catalog.properties(botId, owner));
        const { page, next } = pageOf(all, query, ({ user_id, name }) => [user_id ?? 0, name]);
        return { status: 200, body: { properties: page, next } };
      },
    }),
    endpoint({
      method: "GET",
      path,
      need: "read",
      about: "One property",
      query: ownerQuery,
      body: noBody,
      result: oneProperty,
      answer: async ({ params, query }) => {
        const name = propertyNameOf(params);
        const { botId, owner } = await place(params, query);
        const property = await catalog.property(botId, owner, name);
        if (property === null) throw propertyNotFound();
        return shown(property);
      },
    }),
    endpoint({
      method: "PUT",
      path,
      need: "run",
      about: "Set a property",
      query: ownerQuery,
      body: valueBody,
      result: oneProperty,
      matches: true,
      answer: async ({ params, query, body, match }) => {
        const name = propertyNameOf(params);
        const { botId, owner } = await place(params, query);
        return shown(await catalog.setProperty(botId, owner, name, body.value, body.type, expecting(match)));
      },
    }),
    endpoint({
      method: "POST",
      path: `${path}/increment`,
      need: "run",
      about: "Add to a number, counting from 0 where there is none; no write of anybody else comes between",
      query: ownerQuery,
      body: incrementBody,
      result: oneProperty,
      answer: async ({ params, query, body: { by }, once }) => {
        const name = propertyNameOf(params);
        const { botId, owner } = await place(params, query);
        return shown(await catalog.incrementProperty(botId, { owner, name, by }, { once }));
      },
    }),
    endpoint({
      method: "DELETE",
      path,
      need: "run",
      about: "Delete a property",
      query: ownerQuery,
      body: noBody,
      result: noResult,
      matches: true,
      answer: async ({ params, query, match }) => {
        const name = propertyNameOf(params);
        const { botId, owner } = await place(params, query);
        if (!(await catalog.deleteProperty(botId, owner, name, expecting(match)))) throw propertyNotFound();
        return { status: 204 };
      },
    }),
  ];
}

function propertyNotFound(): AppError {
  return new AppError("property_not_found", "there is no such property");
}
