import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { HttpDeps } from "../deps.ts";
import { requireBot } from "./bots.ts";
import { endpoint, noBody, noQuery, type ApiAnswer, type Endpoint } from "./endpoint.ts";
import { commandField, contentField, limitText, userIdField } from "./fields.ts";
import { botIdOf } from "./path-params.ts";

const runBody = z.strictObject({
  command: commandField,
  user_id: userIdField.optional(),
  text: z.string().optional(),
  content: contentField.optional(),
  options: z.record(z.string(), z.json()).optional(),
});

const runsQuery = z.strictObject({
  failed: z.enum(["true", "false"]).default("false"),
  limit: limitText,
  before: z
    .string()
    .regex(/^run_[0-9a-z]{1,64}$/, "not the id of a run")
    .optional(),
});

type RunDeps = Pick<HttpDeps, "catalog" | "run" | "runRecord" | "runRecords">;

/** Runs: started here, or looked at afterwards. */
export function createRunEndpoints({ catalog, run, runRecord, runRecords }: RunDeps): Endpoint[] {
  async function listRuns({ failed, limit, before }: z.output<typeof runsQuery>, bot?: number): Promise<ApiAnswer> {
    const runs = await runRecords({
      limit,
      ...(bot !== undefined && { bot }),
      ...(failed === "true" && { failed: true }),
      ...(before !== undefined && { before }),
    });
    // a full page may be the last one: the next is then empty
    return { status: 200, body: { runs, next: runs.length < limit ? null : (runs.at(-1)?.id ?? null) } };
  }

  return [
    endpoint({
      method: "POST",
      path: "/bots/:botId/runs",
      query: noQuery,
      body: runBody,
      answer: async ({ params, body }) => {
        const { command, user_id, text, content = "", options = null } = body;
        const record = await run({
          botId: botIdOf(params),
          source: "api",
          command,
          ...(text !== undefined && { message: text }),
          ...(user_id !== undefined && { userId: user_id }),
          content,
          options,
        });
        return { status: 200, body: { run: record } };
      },
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/runs",
      query: runsQuery,
      body: noBody,
      answer: async ({ params, query }) => {
        const botId = botIdOf(params);
        await requireBot(catalog, botId);
        return listRuns(query, botId);
      },
    }),
    endpoint({
      method: "GET",
      path: "/runs",
      query: runsQuery,
      body: noBody,
      answer: ({ query }) => listRuns(query),
    }),
    endpoint({
      method: "GET",
      path: "/runs/:runId",
      query: noQuery,
      body: noBody,
      answer: async ({ params }) => {
        const record = await runRecord(params.get("runId") ?? "");
        if (record === null) throw new AppError("run_not_found", "there is no such run");
        return { status: 200, body: { run: record } };
      },
    }),
  ];
}
