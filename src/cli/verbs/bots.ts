import { Argument } from "commander";
import type { Command } from "commander";
import { answers } from "../answers.ts";
import type { Bot } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption, readCount, readId } from "../options.ts";
import type { Common } from "../options.ts";
import { usage } from "../stop.ts";
import { oneLine, table } from "../text.ts";

type Options = Common & { bot?: number };

const COLUMNS = ["ID", "NAME", "VERSION", "STATE", "CHANGED"];
const POINT_COLUMNS = ["VERSION", "NAME", "STATE", "COMMANDS", "LIBS", "UNTIL"];
const botRow = ({ id, name, version, disabled, updated_at }: Bot) =>
  [id, name, version, disabled ? "off" : "on", updated_at] as const;

export function addBots(program: Command, desk: Desk): void {
  const bots = program.command("bots").description("list, show, switch, restore and remove bots");
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
      const client = await desk.client();
      const bots = await client.all({ method: "GET", path: ["bots"] }, answers.bots, (answer) => answer.bots);
      desk.show(options, { bots }, table(COLUMNS, bots.map(botRow), "no bots"));
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

  verb("restore", "bring an earlier state of a bot's code back; users, properties and keys stay")
    .option("--to <version>", "which one (default: the newest)", readCount(1))
    .option("--list", "say which there are, and change nothing")
    .action(async (id: number | undefined, options: Options & { to?: number; list?: true }) => {
      const botId = await chooseBot(desk, named(id, options));
      const client = await desk.client();
      if (options.list) {
        const path = ["bots", botId, "restore-points"];
        const answer = await client.call({ method: "GET", path }, answers.restorePoints);
        const rows = answer.restore_points.map((point) => [
          ...[point.version, point.name, point.disabled ? "off" : "on", point.commands, point.libs, point.kept_at],
        ]);
        desk.show(options, answer, table(POINT_COLUMNS, rows, "no earlier states"));
        return;
      }
      const body = options.to === undefined ? {} : { version: options.to };
      const answer = await client.call({ method: "POST", path: ["bots", botId, "restore"], body }, answers.bot);
      const { name, version } = answer.bot;
      desk.show(options, answer, `bot ${botId} (${oneLine(name)}) has its earlier code, as version ${version}`);
    });

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
