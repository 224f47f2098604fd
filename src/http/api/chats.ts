import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, noQuery, type Endpoint } from "./endpoint.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { botIdOf, chatIdOf } from "./path-params.ts";
import { chatShape, nextCursor } from "./shapes.ts";

const chatPatch = z.strictObject({ title: z.string().max(256) });
const oneChat = z.strictObject({ chat: chatShape });

/** The chats of a bot. They come with users and channels, and go with them. */
export function createChatEndpoints({ catalog }: Pick<HttpDeps, "catalog">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/chats",
      need: "read",
      about: "The chats of a bot, by id",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ chats: z.array(chatShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const { page, next } = pageOf(await catalog.chats(botIdOf(params)), query, ({ id }) => [id]);
        return { status: 200, body: { chats: page, next } };
      },
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/chats/:chatId",
      need: "read",
      about: "One chat",
      query: noQuery,
      body: noBody,
      result: oneChat,
      answer: async ({ params }) => {
        const chat = await catalog.chat(botIdOf(params), chatIdOf(params));
        if (chat === null) throw new AppError("chat_not_found", "this bot has no such chat");
        return { status: 200, body: { chat } };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/bots/:botId/chats/:chatId",
      need: "run",
      about: "Change the title of a chat",
      query: noQuery,
      body: chatPatch,
      result: oneChat,
      answer: async ({ params, body }) => ({
        status: 200,
        body: { chat: await catalog.changeChat(botIdOf(params), chatIdOf(params), body) },
      }),
    }),
  ];
}
