import type { BotDefinition, Command } from "../core/bot.ts";
import type { Resolved } from "../core/outcome.ts";

/** Names that the yard itself calls; no text selects them. */
const SPECIAL = new Set(["@", "@@", "*", "!"]);

/**
 * What a command text names (BJS: matching an incoming text). Pure; the text is matched as plain text, in linear time.
 *
 * Order: the whole text as a name, as an alias; the first word as a name, as an alias; a library's handler by the first
 * word; the same without regard to letter case; with or without a leading slash. `*` is not tried here: what it is for
 * depends on who asks.
 *
 * @param handlers names that the bot's libraries handle
 */
export function resolveCommand(bot: BotDefinition, text: string, handlers: readonly string[]): Resolved {
  const found = match(indexOf(bot), text, handlers);
  if (found.kind !== "none") return found;
  const addressed = withoutOwnName(text, bot.meta.name);
  return addressed === undefined ? found : match(indexOf(bot), addressed, handlers);
}

interface Index {
  names: Map<string, Command>;
  aliases: Map<string, Command>;
  folded: Map<string, Command>;
}
/** By the list of commands, which stays the same object while a version of the bot is in memory. */
const indexes = new WeakMap<readonly Command[], Index>();

function indexOf(bot: BotDefinition): Index {
  const known = indexes.get(bot.commands);
  if (known) return known;
  const index: Index = { names: new Map(), aliases: new Map(), folded: new Map() };
  const add = (map: Map<string, Command>, key: string, command: Command): void => {
    if (!map.has(key)) map.set(key, command);
  };
  for (const command of bot.commands) {
    if (!SPECIAL.has(command.name)) {
      add(index.names, command.name, command);
      add(index.folded, command.name.toLowerCase(), command);
    }
    for (const alias of command.aliases) add(index.aliases, alias, command);
  }
  indexes.set(bot.commands, index);
  return index;
}

function match(index: Index, text: string, handlers: readonly string[]): Resolved {
  const { first, params } = firstWord(text);
  const whole = index.names.get(text) ?? index.aliases.get(text.trim().toLowerCase());
  if (whole) return { kind: "command", command: whole, params: "" };
  const byFirst = index.names.get(first) ?? index.aliases.get(first.toLowerCase());
  if (byFirst) return { kind: "command", command: byFirst, params };
  if (handlers.includes(first)) return { kind: "handler", name: first, params };
  return loosely(index, text, first, params);
}

/** Old exports changed the letter case of names, and their callers kept it: these matches carry a note for the log. */
function loosely(index: Index, text: string, first: string, params: string): Resolved {
  const tries: [string, string, string][] = [
    [text.toLowerCase(), "", "letter case"],
    [first.toLowerCase(), params, "letter case"],
    [otherSlash(text.toLowerCase()), "", "leading slash"],
    [otherSlash(first.toLowerCase()), params, "leading slash"],
  ];
  for (const [key, rest, what] of tries) {
    const command = index.folded.get(key);
    if (command)
      return {
        kind: "command",
        command,
        params: rest,
        note: `${JSON.stringify(first.slice(0, 100))} was taken for the command ${JSON.stringify(command.name)}: they differ in ${what}`,
      };
  }
  return { kind: "none" };
}

const otherSlash = (text: string): string => (text.startsWith("/") ? text.slice(1) : `/${text}`);

function firstWord(text: string): { first: string; params: string } {
  const space = text.indexOf(" ");
  return space < 0 ? { first: text, params: "" } : { first: text.slice(0, space), params: text.slice(space + 1) };
}

/** `/cmd@ownbot rest` without `@ownbot`; undefined where the text does not address this bot. */
function withoutOwnName(text: string, botName: string): string | undefined {
  const { first, params } = firstWord(text);
  const mark = `@${botName.toLowerCase()}`;
  if (botName === "" || !first.toLowerCase().endsWith(mark) || first.length === mark.length) return undefined;
  const bare = first.slice(0, first.length - mark.length);
  return params === "" ? bare : `${bare} ${params}`;
}
