import { z } from "zod";
import { OWNER_NAME_CHARS, SCOPES, scopeSchema } from "../../core/owner.ts";
import type { HttpDeps } from "../deps.ts";
import { actorOf } from "./caller.ts";
import { CHANGES_NOTHING, changesSomething } from "./check.ts";
import { withoutGaps } from "./commands.ts";
import { endpoint, noBody, noQuery, noResult, type Endpoint } from "./endpoint.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { ownerNotFound, type PathParams } from "./path-params.ts";
import { nextCursor, ownerShape, tokenShape } from "./shapes.ts";

const nameField = z.string().trim().min(1).max(OWNER_NAME_CHARS);
const ownerPatch = z
  .strictObject({ name: nameField.optional(), disabled: z.boolean().optional() })
  .refine(changesSomething, CHANGES_NOTHING);
const oneOwner = z.strictObject({ owner: ownerShape });

/** Owners, whom the operator makes, and who one is. */
export function createOwnerEndpoints({ owners }: Pick<HttpDeps, "owners">): Endpoint[] {
  const idOf = (params: PathParams) => params.get("ownerId") ?? "";
  return [
    endpoint({
      method: "GET",
      path: "/me",
      need: "any",
      about: "Whose token this is, and what it may do",
      query: noQuery,
      body: noBody,
      result: z.strictObject({
        operator: z.boolean(),
        owner: ownerShape.nullable(),
        token: tokenShape.nullable(),
        scopes: z.array(scopeSchema),
      }),
      answer: async ({ caller }) => {
        if (caller.kind === "operator")
          return { status: 200, body: { operator: true, owner: null, token: null, scopes: [...SCOPES] } };
        const { token } = caller;
        const owner = await owners.owner(caller.ownerId);
        return { status: 200, body: { operator: false, owner, token, scopes: token.scopes } };
      },
    }),
    endpoint({
      method: "GET",
      path: "/owners",
      need: "operator",
      about: "All owners, by age",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ owners: z.array(ownerShape), next: nextCursor }),
      answer: async ({ query }) => {
        const { page, next } = pageOf(await owners.owners(), query, ({ id }) => [id]);
        return { status: 200, body: { owners: page, next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/owners",
      need: "operator",
      about: "Make an owner",
      query: noQuery,
      body: z.strictObject({ name: nameField }),
      result: oneOwner,
      status: 201,
      answer: async ({ body, caller, once }) => ({
        status: 201,
        body: { owner: await owners.createOwner(body.name, actorOf(caller), { once }) },
      }),
    }),
    endpoint({
      method: "GET",
      path: "/owners/:ownerId",
      need: "read",
      about: "One owner; without being the operator: oneself",
      query: noQuery,
      body: noBody,
      result: oneOwner,
      answer: async ({ params }) => {
        const owner = await owners.owner(idOf(params));
        if (owner === null) throw ownerNotFound();
        return { status: 200, body: { owner } };
      },
    }),
    endpoint({
      method: "PATCH",
      path: "/owners/:ownerId",
      need: "operator",
      about: "Rename an owner, or switch all its tokens off and on",
      query: noQuery,
      body: ownerPatch,
      result: oneOwner,
      answer: async ({ params, body, caller }) => ({
        status: 200,
        body: { owner: await owners.changeOwner(idOf(params), withoutGaps(body), actorOf(caller)) },
      }),
    }),
    endpoint({
      method: "DELETE",
      path: "/owners/:ownerId",
      need: "operator",
      about: "Delete an owner who has no bots, with its tokens",
      query: noQuery,
      body: noBody,
      result: noResult,
      answer: async ({ params, caller }) => {
        await owners.deleteOwner(idOf(params), actorOf(caller));
        return { status: 204 };
      },
    }),
  ];
}
