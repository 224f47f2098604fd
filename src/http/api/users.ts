import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { requireBot } from "./bots.ts";
import { endpoint, noBody, noQuery, type Endpoint } from "./endpoint.ts";
import { botIdOf, userIdOf, userUnknown } from "./path-params.ts";

const nameField = z.string().max(256).optional();

const newUserBody = z.strictObject({
  telegramid: z.number().int().positive().optional(),
  first_name: nameField,
  last_name: nameField,
  username: nameField,
  language_code: nameField,
});

/** The users of a bot. */
export function createUserEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/users",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => ({ status: 200, body: { users: await catalog.users(botIdOf(params)) } }),
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/users",
      query: noQuery,
      body: newUserBody,
      answer: async ({ params, body }) => {
        const { telegramid, first_name, last_name, username, language_code } = body;
        const { user, chat } = await catalog.addUser(botIdOf(params), {
          ...(telegramid !== undefined && { telegramid }),
          ...(first_name !== undefined && { first_name }),
          ...(last_name !== undefined && { last_name }),
          ...(username !== undefined && { username }),
          ...(language_code !== undefined && { language_code }),
        });
        return { status: 201, body: { user, chat } };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId/users/:userId",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => {
        const botId = botIdOf(params);
        await requireBot(catalog, botId);
        const userId = userIdOf(params);
        if ((await catalog.user(botId, userId)) === null) throw userUnknown();
        await catalog.deleteUser(botId, userId);
        return { status: 204 };
      },
    }),
  ];
}
