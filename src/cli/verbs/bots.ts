import { Argument } from "commander";
import type { Command } from "commander";
import { answers } from "../answers.ts";
import type { Bot } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption, readId } from "../options.ts";
import type { Common } from "../options.ts";
import { usage } from "../stop.ts";
import { oneLine, table } from "../text.ts";

type Options = Common & { bot?: number };

const COLUMNS = ["ID", "NAME", "VERSION", "STATE", "CHANGED"];
const botRow = ({ id, name, version, disabled, updated_at }: Bot) =>
  [id, name, version, disabled ? "off" : "on", updated_at] as const;

export function addBots(program: Command, desk: Desk): void {
  const bots = program.command("bots").description("list, show, remove and switch bots");
  const verb = (name: string, about: string) =>
    bots
      .command(name)
      .description(about)
      .addArgument(new Argument("[id]", "the bot, as with --bot").argParser(readId))
      .addOption(botOption())
      .addOption(jsonOption());

  bots
    .command("ls")
    .description("all bots")
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const answer = await (await desk.client()).call({ method: "GET", path: ["bots"] }, answers.bots);
      desk.show(options, answer, table(COLUMNS, answer.bots.map(botRow), "no bots"));
    });

  verb("show", "a bot, its commands and libraries").action(async (id: number | undefined, options: Options) => {
    const botId = await chooseBot(desk, named(id, options));
    const answer = await (await desk.client()).call({ method: "GET", path: ["bots", botId] }, answers.botWithCode);
    const { bot, commands, libs } = answer;
    const files = [
      ...commands.map(({ name, aliases, file }) => [name, aliases.join(", "), file]),
      ...libs.map(({ name, file }) => [`Libs.${name}`, "", file]),
    ];
    const code = table(["COMMAND", "ALIASES", "FILE"], files, "no commands");
    desk.show(options, answer, `${table(COLUMNS, [botRow(bot)], "")}\n\n${code}`);
  });

  for (const [name, disabled] of [["enable", false] as const, ["disable", true] as const])
    verb(name, disabled ? "switch a bot off: its links answer 403" : "switch a bot on again").action(
      async (id: number | undefined, options: Options) => {
        const botId = await chooseBot(desk, named(id, options));
        const call = { method: "PATCH", path: ["bots", botId], body: { disabled } } as const;
        const answer = await (await desk.client()).call(call, answers.bot);
        desk.show(options, answer, `bot ${botId} (${oneLine(answer.bot.name)}) is ${disabled ? "off" : "on"}`);
      },
    );

  verb("rm", "remove a bot with all it has; it must be named").action(
    async (id: number | undefined, options: Options) => {
      const botId = named(id, options);
      if (botId === undefined) throw usage("say which bot to remove: botyard bots rm ID");
      await (await desk.client()).remove({ path: ["bots", botId] });
      desk.show(options, { removed: true }, `bot ${botId} is removed`);
    },
  );
}

function named(id: number | undefined, { bot }: Options): number | undefined {
  if (id !== undefined && bot !== undefined && id !== bot) throw usage("two bots are named; name one");
  return id ?? bot;
}
