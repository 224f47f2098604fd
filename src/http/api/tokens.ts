import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { OWNER_NAME_CHARS, scopeSchema } from "../../core/owner.ts";
import type { HttpDeps } from "../deps.ts";
import { actorOf } from "./caller.ts";
import { endpoint, noBody, noQuery, noResult, type Endpoint } from "./endpoint.ts";
import { pageOf, pageQuery } from "./pages.ts";
import type { PathParams } from "./path-params.ts";
import { nextCursor, tokenShape } from "./shapes.ts";

const tokenBody = z.strictObject({
  name: z.string().trim().min(1).max(OWNER_NAME_CHARS),
  scopes: z.array(scopeSchema).min(1).max(4).describe("what it may do; admin holds all the others"),
  expires_at: z.iso.datetime().nullable().default(null).describe("null: never"),
});

/** The tokens of an owner. */
export function createTokenEndpoints({ owners, now }: Pick<HttpDeps, "owners" | "now">): Endpoint[] {
  const ownerIdOf = (params: PathParams) => params.get("ownerId") ?? "";
  return [
    endpoint({
      method: "GET",
      path: "/owners/:ownerId/tokens",
      need: "admin",
      about: "The tokens of an owner, by age; never their texts",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ tokens: z.array(tokenShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const { page, next } = pageOf(await owners.tokens(ownerIdOf(params)), query, ({ id }) => [id]);
        return { status: 200, body: { tokens: page, next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/owners/:ownerId/tokens",
      need: "admin",
      about: "Make a token; its text is told in this answer and never again",
      query: noQuery,
      body: tokenBody,
      result: z.strictObject({ token: tokenShape, text: z.string() }),
      status: 201,
      tellsSecret: true,
      answer: async ({ params, body, caller }) => {
        if (body.expires_at !== null && Date.parse(body.expires_at) <= now())
          throw new AppError("field_invalid", "expires_at: this time is over", { field: "expires_at" });
        return { status: 201, body: await owners.createToken(ownerIdOf(params), body, actorOf(caller)) };
      },
    }),
    endpoint({
      method: "DELETE",
      path: "/owners/:ownerId/tokens/:tokenId",
      need: "admin",
      about: "Revoke a token: it is refused from this moment on",
      query: noQuery,
      body: noBody,
      result: noResult,
      answer: async ({ params, caller }) => {
        await owners.revokeToken(ownerIdOf(params), params.get("tokenId") ?? "", actorOf(caller));
        return { status: 204 };
      },
    }),
  ];
}
