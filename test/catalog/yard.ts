import { placeCommand } from "../../src/bot-files/place-command.ts";
import { createCatalog } from "../../src/catalog/catalog.ts";
import { createDefinitions } from "../../src/catalog/definitions.ts";
import type { BotCode } from "../../src/core/catalog.ts";
import { newId } from "../../src/core/ids.ts";
import type { Ledger } from "../../src/core/ledger.ts";
import { createSeal } from "../../src/secrets.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { createLedger } from "../../src/store/pipeline/ledger.ts";

type Command = BotCode["commands"][number];

const seal = createSeal("s".repeat(32));

/** A command as a folder's file gives it, with what a test does not care for. */
export function command(name: string, code = "", more: Partial<Command> = {}): Command {
  return {
    name,
    aliases: [],
    help: "",
    answer: "",
    keyboard: "",
    need_reply: false,
    auto_retry_time: 0,
    folder: "",
    group: "",
    code,
    file: `commands/${name}.js`,
    code_line: 1,
    ...more,
  };
}

export function code(commands: Command[], more: Partial<BotCode> = {}): BotCode {
  return { name: "demo", commands, libs: [], files: [], ...more };
}

/** A catalog over the memory store, with a clock that stands until it is moved. */
export function createYard(wrap: (ledger: Ledger) => Ledger = (ledger) => ledger) {
  let time = Date.parse("2026-01-01T00:00:00Z");
  const now = () => time;
  const store = createMemoryStore();
  const stored = createLedger({ store, now, newId });
  const ledger = wrap(stored);
  const definitions = createDefinitions();
  let forget = (botId: number) => stored.forget(botId);
  const catalog = createCatalog({ ledger, definitions, now, placeCommand, seal, forget: (botId) => forget(botId) });

  return {
    catalog,
    ledger: stored,
    now,
    definitions,
    pass: (ms: number) => {
      time += ms;
    },
    /** From now on dropping a bot's data goes wrong, as when the process ends before it. */
    breakForget: () => {
      forget = () => Promise.reject(new Error("the process ended"));
    },
    mendForget: () => {
      forget = (botId) => stored.forget(botId);
    },
    /** All values of one bot, by name. */
    values: (botId: number) => stored.list(botId, ""),
    /** The catalog of a later start over the same store. */
    restart: () =>
      createCatalog({
        ledger: createLedger({ store, now, newId }),
        definitions: createDefinitions(),
        placeCommand,
        seal,
        now,
        forget: (botId) => stored.forget(botId),
      }),
  };
}

/** The code of the AppError that a promise ends in. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}
