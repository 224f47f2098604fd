import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { firstIdAt } from "../../core/ids.ts";
import { COMMAND_NAME_CHARS } from "../../core/limits.ts";
import type { RunRecord } from "../../core/run-record.ts";
import type { HttpDeps } from "../deps.ts";
import { userIdText } from "./fields.ts";
import { limitText } from "./pages.ts";

const runId = z.string().regex(/^run_[0-9a-z]{1,64}$/, "not the id of a run");
const instant = z.iso.datetime({ offset: true });
const MAX_RUNS = 200;

export const runsQuery = z.strictObject({
  state: z.enum(["done", "failed"]).optional(),
  failed: z.enum(["true", "false"]).optional().describe("true is the same as state=failed"),
  command: z.string().max(COMMAND_NAME_CHARS).optional().describe("the command's name, whatever params followed it"),
  user_id: userIdText.optional(),
  since: instant.optional().describe("only runs that began at this moment or later"),
  until: instant.optional().describe("only runs that began before this moment"),
  before: runId.optional().describe("only runs older than this one"),
  limit: limitText.transform((limit) => Math.min(limit, MAX_RUNS)).default(50),
  cursor: runId.optional().describe("the next of the page before"),
});
export type RunsQuery = z.output<typeof runsQuery>;

/** Records that one call looks at where a filter leaves many out: the page is then short, and has a next one. */
const SCANNED = 2_000;

/**
 * Lists run records, the newest first. The store finds them by bot, state and age; command and user are looked for
 * here, among the records that it gives, of which it keeps 1,000 or a little more of each bot.
 */
export function createRunList({ runRecords }: Pick<HttpDeps, "runRecords">) {
  /** Of several bots together: memory holds no more than two pages at a time. */
  async function newest(
    bots: readonly number[] | undefined,
    query: { failed?: boolean; limit: number; before?: string },
  ) {
    if (bots === undefined) return runRecords(query);
    let merged: RunRecord[] = [];
    for (const bot of bots) {
      const more = await runRecords({ ...query, bot });
      merged = bots.length === 1 ? more : [...merged, ...more].sort(newestFirst).slice(0, query.limit);
    }
    return merged;
  }

  /** @param bots absent: all of the yard */
  return async function listRuns(query: RunsQuery, bots?: readonly number[]) {
    const { limit } = query;
    const failed = failedOf(query);
    const first = query.since === undefined ? "" : firstRunAt(query.since);
    let before = beforeOf(query);
    const found: RunRecord[] = [];
    for (let scanned = 0; scanned < SCANNED;) {
      const slice = await newest(bots, {
        limit,
        ...(failed !== undefined && { failed }),
        ...(before !== undefined && { before }),
      });
      for (const record of slice) {
        if (record.id < first) return { runs: found, next: null };
        before = record.id;
        if (isWanted(record, query)) found.push(record);
        if (found.length === limit) return { runs: found, next: record.id };
      }
      if (slice.length < limit) return { runs: found, next: null };
      scanned += slice.length;
    }
    return { runs: found, next: before ?? null };
  };
}

/** @throws AppError `field_invalid` where `state` and `failed` disagree */
function failedOf({ state, failed }: RunsQuery): boolean | undefined {
  if (state === "done" && failed === "true")
    throw new AppError("field_invalid", "failed: state says something else", { field: "failed" });
  if (state !== undefined) return state === "failed";
  return failed === "true" ? true : undefined;
}

/** The oldest of the bounds that were given. */
function beforeOf({ cursor, before, until }: RunsQuery): string | undefined {
  const bounds = [
    ...(cursor === undefined ? [] : [cursor]),
    ...(before === undefined ? [] : [before]),
    ...(until === undefined ? [] : [firstRunAt(until)]),
  ];
  return bounds.sort()[0];
}

function firstRunAt(instant: string): string {
  return firstIdAt("run", Math.max(0, Date.parse(instant)));
}

function isWanted({ command, user_id }: RunRecord, query: RunsQuery): boolean {
  if (query.user_id !== undefined && user_id !== query.user_id) return false;
  return query.command === undefined || command === query.command || command.startsWith(`${query.command} `);
}

function newestFirst(a: RunRecord, b: RunRecord): number {
  return a.id < b.id ? 1 : -1;
}
