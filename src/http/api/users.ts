import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { CHANGES_NOTHING, changesSomething } from "./check.ts";
import { withoutGaps } from "./commands.ts";
import { endpoint, noBody, noQuery, noResult, type Endpoint } from "./endpoint.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { botIdOf, userIdOf, userUnknown } from "./path-params.ts";
import { chatShape, nextCursor, userShape } from "./shapes.ts";

const nameField = z.string().max(256).optional();

const userBody = z.strictObject({
  telegramid: z.number().int().positive().optional(),
  first_name: nameField,
  last_name: nameField,
  username: nameField,
  language_code: nameField,
});
const userPatch = userBody.refine(changesSomething, CHANGES_NOTHING);
const oneUser = z.strictObject({ user: userShape });

/** The users of a bot. */
export function createUserEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/users",
      need: "read",
      about: "The users of a bot, by id",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ users: z.array(userShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const { page, next } = pageOf(await catalog.users(botIdOf(params)), query, ({ id }) => [id]);
        return { status: 200, body: { users: page, next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/users",
      need: "run",
      about: "Add a user, with a private chat",
      query: noQuery,
      body: userBody,
      result: z.strictObject({ user: userShape, chat: chatShape }),
      status: 201,
      answer: async ({ params, body, once }) => {
        const { user, chat } = await catalog.addUser(botIdOf(params), withoutGaps(body), { once });
        return { status: 201, body: { user, chat } };
      },
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/users/:userId",
      need: "read",
      about: "One user",
      query: noQuery,
      body: noBody,
      result: oneUser,
      answer: async ({ params }) => {
        const user = await catalog.user(botIdOf(params), userIdOf(params));
        if (user === null) throw userUnknown();
        return { status: 200, body: { user } };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/bots/:botId/users/:userId",
      need: "run",
      about: "Change what is known of a user",
      query: noQuery,
      body: userPatch,
      result: oneUser,
      answer: async ({ params, body }) => ({
        status: 200,
        body: { user: await catalog.changeUser(botIdOf(params), userIdOf(params), withoutGaps(body)) },
      }),
    }),
    endpoint({
      method: "DELETE",
      path: "/bots/:botId/users/:userId",
      need: "run",
      about: "Delete a user with the private chat and the properties",
      query: noQuery,
      body: noBody,
      result: noResult,
      answer: async ({ params }) => {
        await catalog.deleteUser(botIdOf(params), userIdOf(params));
        return { status: 204 };
      },
    }),
  ];
}
