import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, type Endpoint } from "./endpoint.ts";
import { pageFields, readCursor, writeCursor } from "./pages.ts";
import { auditShape, nextCursor } from "./shapes.ts";

/** Changes of owners and keys. */
export function createAuditEndpoints({ owners }: Pick<HttpDeps, "owners">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/audit",
      need: "operator",
      about: "Changes of owners and keys, the newest first: who, what, when",
      query: z.strictObject(pageFields),
      body: noBody,
      result: z.strictObject({ entries: z.array(auditShape), next: nextCursor }),
      answer: async ({ query: { limit, cursor } }) => {
        const [before] = cursor === undefined ? [] : readCursor(cursor);
        const { entries, next } = await owners.audit({ limit, ...(typeof before === "number" && { before }) });
        return { status: 200, body: { entries, next: next === null ? null : writeCursor([next]) } };
      },
    }),
  ];
}
