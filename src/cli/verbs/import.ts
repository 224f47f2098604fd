import type { Command } from "commander";
import type { FoundFiles, ImportNote } from "../../core/catalog.ts";
import { answers } from "../answers.ts";
import type { Changes } from "../answers.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption } from "../options.ts";
import type { Common } from "../options.ts";
import { manyLines, oneLine } from "../text.ts";

/** @throws AppError `import_invalid` */
export type ReadSource = (request: { from: string; branch?: string }) => Promise<FoundFiles>;

type Options = Common & { bot?: number; branch?: string; dryRun?: true };

export function addImport(program: Command, desk: Desk, readSource: ReadSource): void {
  program
    .command("import")
    .argument("<from>", "a bot's folder (bot.json, commands/, libs/), a zip of one, or the address of a git repository")
    .description("make a bot of files, or give a bot the code of some")
    .addOption(botOption().default(undefined, "a new bot is made"))
    .option("--branch <name>", "of the repository (default: the one that it shows first)")
    .option("--dry-run", "say what would change, and change nothing")
    .addOption(jsonOption())
    .action(async (from: string, options: Options) => {
      const { bot: botId, branch, dryRun } = options;
      const client = await desk.client();
      const found = await readSource({ from, ...(branch !== undefined && { branch }) });
      desk.progress(`sending ${found.files.length} files of ${shortName(from)}`);
      const target = botId === undefined ? { method: "POST" as const, path: ["bots"] } : putCode(botId);
      const answer = await client.call(
        { ...target, body: { files: found.files }, ...(dryRun && { query: { dry_run: true } }) },
        answers.imported,
      );

      const report: ImportNote[] = [...found.notes, ...answer.report];
      const bot = answer.bot && { id: answer.bot.id, name: answer.bot.name };
      const isNews = dryRun || botId !== undefined; // all of a new bot is new
      const changes = isNews ? changeLines(answer.changes, dryRun ? "would be " : "") : [];
      const lines = [...report.map(noteLine), ...changes];
      desk.show(options, { bot, report, changes: answer.changes }, [...lines, lastLine(answer, dryRun)].join("\n"));
    });
}

function putCode(botId: number) {
  return { method: "PUT" as const, path: ["bots", botId, "code"] };
}

/** Without a password that stands in an address. */
function shortName(from: string): string {
  return oneLine(from.replace(/:\/\/[^/@\s]*@/g, "://…@"));
}

function noteLine({ level, file, line, message }: ImportNote): string {
  const place = file === null ? "" : `${oneLine(file)}${line === null ? "" : `:${line}`}: `;
  return `${level}: ${place}${manyLines(message)}`;
}

function changeLines({ name, commands, libs, files }: Changes, would: string): string[] {
  const items = (kind: string, { added, changed, removed }: Changes["commands"]) => [
    ...added.map((item) => `${kind} ${oneLine(item.name)} ${would}added (${oneLine(item.file)})`),
    ...changed.map((item) => `${kind} ${oneLine(item.name)} ${would}changed: ${item.fields.join(", ")}`),
    ...removed.map((item) => `${kind} ${oneLine(item.name)} ${would}removed`),
  ];
  return [
    ...(name === null || name.from === null
      ? []
      : [`name ${would}changed: ${oneLine(name.from)} → ${oneLine(name.to)}`]),
    ...items("command", commands),
    ...items("library", libs),
    ...files.added.map((path) => `file ${oneLine(path)} ${would}added`),
    ...files.changed.map((path) => `file ${oneLine(path)} ${would}changed`),
    ...files.removed.map((path) => `file ${oneLine(path)} ${would}removed`),
  ];
}

function lastLine({ bot }: { bot: { id: number; name: string; version: number } | null }, dryRun?: true): string {
  if (dryRun) return "nothing was changed: this was a dry run";
  return bot === null ? "" : `bot ${bot.id} (${oneLine(bot.name)}) is at version ${bot.version}`;
}
