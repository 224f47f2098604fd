import type { Command } from "commander";
import type { BotFile } from "../../core/catalog.ts";
import { answers } from "../answers.ts";
import type { Note } from "../answers.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption } from "../options.ts";
import type { Common } from "../options.ts";
import { manyLines, oneLine } from "../text.ts";

export function addImport(program: Command, desk: Desk, readFolder: (folder: string) => Promise<BotFile[]>): void {
  program
    .command("import")
    .argument("<dir>", "a bot's folder: bot.json, commands/, libs/")
    .description("make a bot of a folder, or give a bot the code of one")
    .addOption(botOption("the bot that gets the code; without it a new bot is made"))
    .addOption(jsonOption())
    .action(async (folder: string, options: Common & { bot?: number }) => {
      const client = await desk.client();
      const files = await readFolder(folder);
      desk.progress(`sending ${files.length} files of ${oneLine(folder)}`);
      const body = { files };
      const { bot, report } =
        options.bot === undefined
          ? await client.call({ method: "POST", path: ["bots"], body }, answers.imported)
          : await client.call({ method: "PUT", path: ["bots", options.bot, "code"], body }, answers.imported);

      const { id, name, version } = bot;
      const done = `bot ${id} (${oneLine(name)}) is at version ${version}`;
      desk.show(options, { bot: { id, name }, report }, [...report.map(noteLine), done].join("\n"));
    });
}

function noteLine({ level, file, line, message }: Note): string {
  const place = file === null ? "" : `${oneLine(file)}${line === null ? "" : `:${line}`}: `;
  return `${level}: ${place}${manyLines(message)}`;
}
