import { z } from "zod";
import { API_BODY_BYTES } from "../../core/limits.ts";
import { sendJson, type CallContext } from "../answer.ts";
import type { BodyBudget } from "../body-budget.ts";
import { check, readApiQuery } from "./check.ts";
import { readJsonBody } from "./json-body.ts";
import type { PathParams } from "./path-params.ts";

export interface ApiAnswer {
  status: 200 | 201 | 204;
  body?: Record<string, unknown>;
}

/** One line of the API's table. What it takes is said by schemas, so that nothing unchecked reaches `answer`. */
export interface EndpointSpec<Query extends z.ZodType, Body extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v1`. */
  path: string;
  query: Query;
  body: Body;
  /** Bytes of the body; API_BODY_BYTES where absent. */
  maxBytes?: number;
  answer: (call: { params: PathParams; query: z.output<Query>; body: z.output<Body> }) => Promise<ApiAnswer>;
}

export interface Endpoint {
  method: string;
  path: string;
  handle: (ctx: CallContext, params: PathParams, budget: BodyBudget) => Promise<void>;
}

/** For calls that take no query: any name in it is refused. */
export const noQuery = z.strictObject({});
/** For calls that take no body: none is read. */
export const noBody = z.undefined();

export function endpoint<Query extends z.ZodType, Body extends z.ZodType>(spec: EndpointSpec<Query, Body>): Endpoint {
  const { method, path, maxBytes = API_BODY_BYTES } = spec;
  const readsBody = !(spec.body instanceof z.ZodUndefined);
  return {
    method,
    path,
    handle: async (ctx, params, budget) => {
      const query = check(spec.query, readApiQuery(ctx.state.target.rawQuery));
      const body = check(
        spec.body,
        readsBody ? await readJsonBody(ctx, { maxBytes, take: budget(ctx.res) }) : undefined,
      );
      const answer = await spec.answer({ params, query, body });
      if (answer.body === undefined) ctx.status = answer.status;
      else sendJson(ctx, answer.status, answer.body);
    },
  };
}
