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
    /** From now. */
    exp_seconds: z.number().int().positive().max(MAX_EXP_SECONDS).optional(),
    /** Unix seconds. */
    exp: z.number().int().positive().optional(),
    once: z.boolean().optional(),
  })
  .refine(({ exp, exp_seconds }) => exp === undefined || exp_seconds === undefined, {
    path: ["exp"],
    error: "give exp or exp_seconds, not both",
  });

/** Signed links of a bot. */
export function createLinkEndpoints({ makeLink, now }: Pick<HttpDeps, "makeLink" | "now">): Endpoint[] {
  return [
    endpoint({
      method: "POST",
      path: "/bots/:botId/links",
      query: noQuery,
      body: linkBody,
      answer: async ({ params, body }) => {
        const { command, content, user_id, redirect_to, exp_seconds, once } = body;
        const exp = exp_seconds === undefined ? body.exp : Math.floor(now() / 1000) + exp_seconds;
        const url = await makeLink(botIdOf(params), {
          command,
          ...(content !== undefined && { content }),
          ...(user_id !== undefined && { userId: user_id }),
          ...(redirect_to !== undefined && { redirectTo: redirect_to }),
          ...(exp !== undefined && { exp }),
          ...(once !== undefined && { once }),
        });
        return { status: 200, body: { url } };
      },
    }),
  ];
}
