import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { endpoint, noBody, noQuery, type Endpoint } from "./endpoint.ts";
import { botTag } from "./entity-tags.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { botIdOf } from "./path-params.ts";
import { botShape, fileShape, nextCursor, restorePointShape } from "./shapes.ts";

const restoreBody = z.strictObject({
  version: z.number().int().positive().optional().describe("one of the restore points; the newest where absent"),
});

/** A bot as files, and its earlier states. */
export function createStateEndpoints({ catalog, exportBot }: Pick<HttpDeps, "catalog" | "exportBot">): Endpoint[] {
  return [
    endpoint({
      method: "GET",
      path: "/bots/:botId/files",
      need: "read",
      about: "The files of a bot's folder, as an export writes them",
      query: noQuery,
      body: noBody,
      result: z.strictObject({ files: z.array(fileShape) }),
      answer: async ({ params }) => ({ status: 200, body: { files: await exportBot(botIdOf(params)) } }),
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/restore-points",
      need: "read",
      about: "Earlier states of a bot's code, the newest first",
      query: pageQuery,
      body: noBody,
      result: z.strictObject({ restore_points: z.array(restorePointShape), next: nextCursor }),
      answer: async ({ params, query }) => {
        const points = await catalog.restorePoints(botIdOf(params));
        const { page, next } = pageOf(points, query, ({ version }) => [-version]);
        return { status: 200, body: { restore_points: page, next } };
      },
    }),
    endpoint({
      method: "POST",
      path: "/bots/:botId/restore",
      need: "deploy",
      about: "Bring an earlier state of a bot's code back, as its next version",
      query: noQuery,
      body: restoreBody,
      result: z.strictObject({ bot: botShape }),
      matches: true,
      answer: async ({ params, body, once, match }) => {
        const expect = (now: z.output<typeof botShape>) => {
          match(botTag(now));
        };
        const bot = await catalog.restoreBot(botIdOf(params), body.version, { once, expect });
        return { status: 200, body: { bot }, tag: botTag(bot) };
      },
    }),
  ];
}
