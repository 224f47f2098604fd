import type { Command } from "commander";
import { answers } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption, readCount, userOption } from "../options.ts";
import type { Common } from "../options.ts";

interface Options extends Common {
  bot?: number;
  user?: number;
  content?: string;
  redirect?: string;
  exp?: number;
  once?: true;
}

export function addUrl(program: Command, desk: Desk): void {
  program
    .command("url")
    .argument("<command>", "the command that the link runs, with its params")
    .description("a signed link that runs a command")
    .addOption(botOption())
    .addOption(userOption("run it for this user; without one there is no user and no chat"))
    .option("--content <text>", "what the script finds in content")
    .option("--redirect <url>", "where the caller goes after a run that went well")
    .option("--exp <seconds>", "how long the link is good", readCount(1))
    .option("--once", "the link works for one successful run")
    .addOption(jsonOption())
    .action(async (command: string, options: Options) => {
      const botId = await chooseBot(desk, options.bot);
      const { user, content, redirect, exp, once } = options;
      const body = { command, user_id: user, content, redirect_to: redirect, exp_seconds: exp, once };
      const call = { method: "POST", path: ["bots", botId, "links"], body } as const;
      const answer = await (await desk.client()).call(call, answers.link);
      desk.show(options, answer, answer.url);
    });
}
