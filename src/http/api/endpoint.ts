import { z } from "zod";
import { API_BODY_BYTES } from "../../core/limits.ts";
import type { Once } from "../../core/once.ts";
import { sendJson, type CallContext } from "../answer.ts";
import type { BodyBudget } from "../body-budget.ts";
import type { Caller, Need } from "./caller.ts";
import { check, readApiQuery } from "./check.ts";
import { readIfMatch } from "./entity-tags.ts";
import { readJsonBody } from "./json-body.ts";
import { readOnce } from "./once.ts";
import type { PathParams } from "./path-params.ts";

export interface ApiAnswer<Body = Record<string, unknown>> {
  status: 200 | 201 | 204;
  body?: Body;
  /** Of the thing that the body shows. */
  tag?: string;
}

export interface ApiCall<Query, Body> {
  params: PathParams;
  query: Query;
  body: Body;
  caller: Caller;
  /** The Idempotency-Key of a POST. */
  once: Once | undefined;
  /** Holds If-Match to the tag of the thing as it stands. @throws AppError `precondition_failed` */
  match: (current: string | null) => void;
}

/** One line of the API's table. What it takes is said by schemas, so that nothing unchecked reaches `answer`. */
export interface EndpointSpec<Query extends z.ZodType, Body extends z.ZodType, Result extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v1`. */
  path: string;
  need: Need;
  /** What it does, in a line, for the API's own document. */
  about: string;
  query: Query;
  body: Body;
  /** What a good answer holds. */
  result: Result;
  /** Of a good answer; 200 where absent, 204 where it holds nothing. */
  status?: 200 | 201;
  /** If-Match is looked at. */
  matches?: true;
  /** A POST whose answer holds a secret, which must not be kept to be given again. */
  tellsSecret?: true;
  /** Bytes of the body; API_BODY_BYTES where absent. */
  maxBytes?: number;
  answer: (call: ApiCall<z.output<Query>, z.output<Body>>) => Promise<ApiAnswer<z.output<Result>>>;
}

/** What is said of an endpoint, for whoever lists them. */
export type EndpointFacts = Omit<EndpointSpec<z.ZodType, z.ZodType, z.ZodType>, "answer">;

export interface Endpoint extends EndpointFacts {
  handle: (ctx: CallContext, call: { params: PathParams; caller: Caller; budget: BodyBudget }) => Promise<void>;
}

/** For calls that take no query: any name in it is refused. */
export const noQuery = z.strictObject({});
/** For calls that take no body: none is read. */
export const noBody = z.undefined();
/** For answers without a body. */
export const noResult = z.undefined();

export function endpoint<Query extends z.ZodType, Body extends z.ZodType, Result extends z.ZodType>(
  spec: EndpointSpec<Query, Body, Result>,
): Endpoint {
  const { answer: answerCall, ...facts } = spec;
  const { method, maxBytes = API_BODY_BYTES } = spec;
  const readsBody = !(spec.body instanceof z.ZodUndefined);
  return {
    ...facts,
    handle: async (ctx, { params, caller, budget }) => {
      const { path, rawQuery } = ctx.state.target;
      const query = check(spec.query, readApiQuery(rawQuery));
      const given = readsBody ? await readJsonBody(ctx, { maxBytes, take: budget(ctx.res) }) : undefined;
      const body = check(spec.body, given);
      const asked = spec.tellsSecret ? undefined : [path, rawQuery, given];
      const once = method === "POST" ? readOnce(ctx.req, caller, asked) : undefined;
      const answer = await answerCall({ params, query, body, caller, once, match: readIfMatch(ctx.req) });
      if (answer.tag !== undefined) ctx.set("ETag", answer.tag);
      if (answer.body === undefined) ctx.status = answer.status;
      else sendJson(ctx, answer.status, answer.body);
    },
  };
}
