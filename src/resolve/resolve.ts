import type { BotDefinition, Command } from "../core/bot.ts";
import type { Resolved } from "../core/outcome.ts";

/** Names that the yard itself calls; no text selects them. */
const SPECIAL = new Set(["@", "@@", "*", "!"]);
/** So much of a text is shown in a note. */
const NOTE_CHARS = 100;

/**
 * What a command text names (BJS: matching an incoming text). Pure; the text is matched as plain text, in linear time.
 *
 * Order: the whole text as a name, as an alias; the first word as a name, as an alias; a library's handler by the first
 * word; names and handlers without regard to letter case; all of it with or without a leading slash. `*` is not tried
 * here: what it is for depends on who asks.
 *
 * @param handlers names that the bot's libraries handle
 * @see BJS, decision 1
 */
export function resolveCommand(bot: BotDefinition, text: string, handlers: readonly string[]): Resolved {
  const index = indexOf(bot);
  const found = match(index, text, handlers);
  if (found.kind !== "none") return found;
  const addressed = withoutOwnName(text, bot.meta.name);
  return addressed === undefined ? found : match(index, addressed, handlers);
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
  const handler = handlers.find((name) => name === first && !SPECIAL.has(name));
  if (handler !== undefined) return { kind: "handler", name: handler, params };
  return loosely(index, text, handlers);
}

/** Old exports changed the letter case of names, and their callers kept it: these matches carry a note for the log. */
function loosely({ folded, aliases }: Index, text: string, handlers: readonly string[]): Resolved {
  const { first, params } = firstWord(text);
  for (const what of ["letter case", "leading slash"]) {
    const spelt = (words: string): string => (what === "letter case" ? words : otherSlash(words)).toLowerCase();
    const note = (name: string): string =>
      `${JSON.stringify(first.slice(0, NOTE_CHARS))} was taken for ${JSON.stringify(name)}: they differ in ${what}`;
    const whole = folded.get(spelt(text)) ?? aliases.get(spelt(text.trim()));
    const command = whole ?? folded.get(spelt(first)) ?? aliases.get(spelt(first));
    if (command) return { kind: "command", command, params: whole ? "" : params, note: note(command.name) };
    const handler = handlers.find((name) => name.toLowerCase() === spelt(first) && !SPECIAL.has(name));
    if (handler !== undefined) return { kind: "handler", name: handler, params, note: note(handler) };
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
