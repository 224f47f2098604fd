import type { CheckScripts } from "./bot-files/check-scripts.ts";
import { diffBot } from "./bot-files/diff-bot.ts";
import { readBotFiles } from "./bot-files/read-bot-files.ts";
import { writeBotFiles } from "./bot-files/write-bot-files.ts";
import type { BotMeta } from "./core/bot.ts";
import type { BotChanges, BotCode, BotFile, Catalog, ImportNote, StoreOptions } from "./core/catalog.ts";
import { AppError } from "./core/errors.ts";

export interface DeployDeps {
  catalog: Pick<Catalog, "source" | "storeBot">;
  checkScripts: CheckScripts;
}

export interface Trial {
  report: ImportNote[];
  changes: BotChanges;
}

export interface Deploy {
  /** Says what `importBot` would do, and does nothing. @throws as that one does */
  tryImport: (files: BotFile[], botId?: number) => Promise<Trial>;
  /** Reads and checks a bot's files whole, then stores them. @throws AppError `import_invalid`, `bot_not_found` */
  importBot: (files: BotFile[], botId?: number, options?: StoreOptions) => Promise<Trial & { bot: BotMeta }>;
  /** @throws AppError `bot_not_found`, `export_invalid` */
  exportBot: (botId: number) => Promise<BotFile[]>;
}

/** Errors that are named in an answer; who has more of them has these first. */
const NAMED_ERRORS = 20;

/** Bots as files: in, out, and what would come of it. */
export function createDeploy({ catalog, checkScripts }: DeployDeps): Deploy {
  async function prepare(files: BotFile[], botId?: number): Promise<Trial & { code: BotCode }> {
    const { code, report } = readBotFiles(files);
    if (!code) throw new AppError("import_invalid", importFaults(report));
    const before = botId === undefined ? null : await sourceOf(botId);
    return { code, report: [...report, ...(await checkScripts(code))], changes: diffBot(before, code) };
  }

  async function sourceOf(botId: number) {
    const source = await catalog.source(botId);
    if (!source) throw new AppError("bot_not_found", `there is no bot ${botId}`);
    return source;
  }

  return {
    async tryImport(files, botId) {
      const { report, changes } = await prepare(files, botId);
      return { report, changes };
    },
    async importBot(files, botId, options) {
      const { code, report, changes } = await prepare(files, botId);
      return { bot: await catalog.storeBot(code, botId, options), report, changes };
    },
    exportBot: async (botId) => writeBotFiles(await sourceOf(botId)),
  };
}

function importFaults(report: readonly ImportNote[]): string {
  const errors = report.filter(({ level }) => level === "error");
  const lines = errors
    .slice(0, NAMED_ERRORS)
    .map(({ file, line, message }) => `${file ?? "the folder"}${line === null ? "" : `:${line}`}: ${message}`);
  if (errors.length > lines.length) lines.push(`and ${errors.length - lines.length} more`);
  return `nothing was imported. ${lines.join("; ")}`;
}
