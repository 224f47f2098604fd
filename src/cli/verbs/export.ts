import type { Command } from "commander";
import type { BotFile } from "../../core/catalog.ts";
import { answers } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption } from "../options.ts";
import type { Common } from "../options.ts";
import { oneLine } from "../text.ts";

/** @throws AppError `export_invalid` */
export type WriteFolder = (
  folder: string,
  files: readonly BotFile[],
  options: { replace: boolean },
) => Promise<{ written: number; removed: number }>;

export function addExport(program: Command, desk: Desk, writeFolder: WriteFolder): void {
  program
    .command("export")
    .argument("<dir>", "where to: a folder that is new or empty")
    .description("write a bot as files: what was imported and not changed is the same, byte for byte")
    .addOption(botOption())
    .option("--replace", "take a bot's folder too: its files become those of this bot, and what else lies there stays")
    .addOption(jsonOption())
    .action(async (folder: string, options: Common & { bot?: number; replace?: true }) => {
      const botId = await chooseBot(desk, options.bot);
      const { files } = await (
        await desk.client()
      ).call({ method: "GET", path: ["bots", botId, "files"] }, answers.files);
      const { written, removed } = await writeFolder(folder, files, { replace: options.replace === true });

      const done = `bot ${botId} is in ${oneLine(folder)}: ${files.length} files, ${written} of them written anew`;
      const text = removed === 0 ? done : `${done}, ${removed} that it does not have removed`;
      desk.show(options, { bot: { id: botId }, files: files.length, written, removed }, text);
    });
}
