import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { HttpDeps } from "../deps.ts";
import { maySeeBot, ownerIdOf } from "./caller.ts";
import { endpoint, noBody, noQuery, type Endpoint } from "./endpoint.ts";
import { commandField, contentField, userIdField } from "./fields.ts";
import { botIdOf } from "./path-params.ts";
import { createRunList, runsQuery } from "./run-list.ts";
import { nextCursor, runShape } from "./shapes.ts";

const runBody = z.strictObject({
  command: commandField.describe("a name, and what may follow it: params"),
  user_id: userIdField.optional(),
  text: z.string().optional().describe("what the user typed; absent: the command"),
  content: contentField.optional(),
  options: z.record(z.string(), z.json()).optional(),
});
const oneRun = z.strictObject({ run: runShape });
const manyRuns = z.strictObject({ runs: z.array(runShape), next: nextCursor });

type RunDeps = Pick<HttpDeps, "catalog" | "run" | "runRecord" | "runRecords">;

/** Runs: started here, or looked at afterwards. */
export function createRunEndpoints({ catalog, run, runRecord, runRecords }: RunDeps): Endpoint[] {
  const listRuns = createRunList({ runRecords });

  return [
    endpoint({
      method: "POST",
      path: "/bots/:botId/runs",
      need: "run",
      about: "Run a command and wait for what comes of it",
      query: noQuery,
      body: runBody,
      result: oneRun,
      answer: async ({ params, body, once }) => {
        const { command, user_id, text, content = "", options = null } = body;
        const record = await run({
          botId: botIdOf(params),
          source: "api",
          command,
          ...(text !== undefined && { message: text }),
          ...(user_id !== undefined && { userId: user_id }),
          content,
          options,
          ...(once !== undefined && { idempotencyKey: once.key, idempotencyPrint: once.print }),
        });
        return { status: 200, body: { run: record } };
      },
    }),
    endpoint({
      method: "GET",
      path: "/bots/:botId/runs",
      need: "read",
      about: "Runs of a bot, the newest first",
      query: runsQuery,
      body: noBody,
      result: manyRuns,
      answer: async ({ params, query }) => ({ status: 200, body: await listRuns(query, [botIdOf(params)]) }),
    }),
    endpoint({
      method: "GET",
      path: "/runs",
      need: "read",
      about: "Runs of all bots that the token sees, the newest first",
      query: runsQuery,
      body: noBody,
      result: manyRuns,
      answer: async ({ query, caller }) => {
        const ownerId = ownerIdOf(caller);
        const bots = ownerId === undefined ? undefined : (await catalog.bots(ownerId)).map(({ id }) => id);
        return { status: 200, body: await listRuns(query, bots) };
      },
    }),
    endpoint({
      method: "GET",
      path: "/runs/:runId",
      need: "read",
      about: "One run: what it did, or why it failed",
      query: noQuery,
      body: noBody,
      result: oneRun,
      answer: async ({ params, caller }) => {
        const record = await runRecord(params.get("runId") ?? "");
        // asked in either case, so that a run of somebody else is as missing as one that never was
        const bot = await catalog.bot(record?.bot_id ?? Number.MAX_SAFE_INTEGER);
        if (record === null || !(caller.kind === "operator" || maySeeBot(caller, bot)))
          throw new AppError("run_not_found", "there is no such run");
        return { status: 200, body: { run: record } };
      },
    }),
  ];
}
