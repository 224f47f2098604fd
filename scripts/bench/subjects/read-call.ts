import type { Context } from "koa";

/** What a handler written by hand would read of a call: the query, and the body of a POST as JSON. */
export async function readCall(ctx: Context): Promise<{ query: URLSearchParams; body: unknown }> {
  const query = new URLSearchParams(ctx.querystring);
  if (ctx.method !== "POST") return { query, body: null };
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) if (chunk instanceof Buffer) chunks.push(chunk);
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  return { query, body };
}
