import { Argument } from "commander";
import type { Command } from "commander";
import type { JsonObject } from "../../core/json.ts";
import { answers } from "../answers.ts";
import type { Run } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption, readCount, readObject, readRunId, userOption } from "../options.ts";
import type { Common } from "../options.ts";
import { placeOf, runText } from "../run-text.ts";
import { table } from "../text.ts";

interface RunOptions extends Common {
  bot?: number;
  user?: number;
  text?: string;
  content?: string;
  options?: JsonObject;
}

interface ListOptions extends Common {
  bot?: number;
  failed?: true;
  limit: number;
  before?: string;
}

const PAGE = 20;

export function addRun(program: Command, desk: Desk): void {
  program
    .command("run")
    .argument("<command>", "the command to run, with its params")
    .description("run a command now; exit code 1 where its script fails")
    .addOption(botOption())
    .addOption(userOption("run it for this user"))
    .option("--text <text>", "what the script finds in message")
    .option("--content <text>", "what the script finds in content")
    .option("--options <json>", "what the script finds in options", readObject)
    .addOption(jsonOption())
    .action(async (command: string, options: RunOptions) => {
      const botId = await chooseBot(desk, options.bot);
      const body = {
        command,
        user_id: options.user,
        text: options.text,
        content: options.content,
        options: options.options,
      };
      const call = { method: "POST", path: ["bots", botId, "runs"], body } as const;
      const answer = await (await desk.client()).call(call, answers.run);
      desk.show(options, answer, runText(answer.run));
      if (answer.run.state === "failed") desk.markFailed();
    });
}

export function addRuns(program: Command, desk: Desk): void {
  const runs = program.command("runs").description("what ran, and what came of it");

  runs
    .command("ls")
    .description("runs, the newest first: of one bot, or of all")
    .addOption(botOption("only those of this bot"))
    .option("--failed", "only those that failed")
    .option("--limit <count>", "how many", readCount(1), PAGE)
    .option("--before <run>", "only those older than this run", readRunId)
    .addOption(jsonOption())
    .action(async ({ bot, failed, limit, before, json }: ListOptions) => {
      const path = bot === undefined ? ["runs"] : ["bots", bot, "runs"];
      const call = { method: "GET", path, query: { failed, limit, before } } as const;
      const answer = await (await desk.client()).call(call, answers.runs);
      desk.show(json ? { json } : {}, answer, table(COLUMNS, answer.runs.map(runRow), "no runs"));
      if (answer.next !== null) desk.progress(`older ones: --before ${answer.next}`);
    });

  runs
    .command("show")
    .addArgument(new Argument("<run>", "the run's id").argParser(readRunId))
    .description("one run with its effects and its log")
    .addOption(botOption().hideHelp()) // a run's id says enough, but whoever gives it is not refused
    .addOption(jsonOption())
    .action(async (id: string, options: Common) => {
      const answer = await (await desk.client()).call({ method: "GET", path: ["runs", id] }, answers.run);
      desk.show(options, answer, runText(answer.run));
    });
}

const COLUMNS = ["RUN", "BOT", "COMMAND", "USER", "STATE", "MS", "STARTED", "ERROR"];

function runRow(run: Run): (string | number)[] {
  const { id, bot_id, command, user_id, state, duration_ms, started_at, error } = run;
  const what = error ? `${error.code} ${placeOf(error)}`.trim() : "";
  return [id, bot_id, command, user_id ?? "", state, Math.round(duration_ms), started_at, what];
}
