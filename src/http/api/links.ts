import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noQuery, type Endpoint } from "./endpoint.ts";
import { commandField, contentField, userIdField } from "./fields.ts";
import { botIdOf } from "./path-params.ts";

const MAX_EXP_SECONDS = 100 * 366 * 24 * 60 * 60; // a century

const linkBody = z
  .strictObject({
    command: commandField,
    content: contentField.optional(),
    user_id: userIdField.optional(),
    redirect_to: z.string().optional(),
    exp_seconds: z.number().int().positive().max(MAX_EXP_SECONDS).optional().describe("from now"),
    exp: z.number().int().positive().optional().describe("Unix seconds"),
    once: z.boolean().optional().describe("for one successful run"),
  })
  .refine(({ exp, exp_seconds }) => exp === undefined || exp_seconds === undefined, {
    path: ["exp"],
    error: "give exp or exp_seconds, not both",
  });

/** Signed links of a bot. */
export function createLinkEndpoints({
  catalog,
  makeLink,
  now,
}: Pick<HttpDeps, "catalog" | "makeLink" | "now">): Endpoint[] {
  return [
    endpoint({
      method: "POST",
      path: "/bots/:botId/links",
      need: "run",
      about: "Make a signed link that runs a command",
      query: noQuery,
      body: linkBody,
      result: z.strictObject({ url: z.string() }),
      answer: async ({ params, body, once: repeat }) => {
        const botId = botIdOf(params);
        const { command, content, user_id, redirect_to, exp_seconds, once } = body;
        const exp = exp_seconds === undefined ? body.exp : Math.floor(now() / 1000) + exp_seconds;
        const request = {
          command,
          ...(content !== undefined && { content }),
          ...(user_id !== undefined && { userId: user_id }),
          ...(redirect_to !== undefined && { redirectTo: redirect_to }),
          ...(exp !== undefined && { exp }),
          ...(once !== undefined && { once }),
        };
        const make = () => makeLink(botId, request);
        const url = await (repeat === undefined ? make() : catalog.once(botId, repeat, make));
        return { status: 200, body: { url } };
      },
    }),
  ];
}
