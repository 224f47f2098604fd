import type { BotDefinition } from "../core/bot.ts";
import type { BotFile } from "../core/catalog.ts";
import { createLineCount } from "./lines.ts";
import type { Report } from "./report.ts";

/** Where links and pages of bots used to live: shipped libraries have these texts built in. */
const OLD_LINKS = "https://api.bots.business/v1/bots/";
const OLD_PAGES = "https://api.bots.business/v2/bots/";

const NAMED_IN_A_FILE = 5;
/** The service's host, the token of its links, and the key in its links, each where a script writes it. */
const TRACES = /https?:\/\/api\.bots\.business[/\w-]{0,40}|\bpublic_user_token\b|[?&]api_key=/g;
const BUILDS_LINKS = "new-webhook"; // without it `api_key=` may belong to anybody's API

/** Where this yard's links and pages live: origins, without a slash at the end. */
export interface OwnAddresses {
  links: string;
  pages: string;
}

/** Names the places of a file that speak of links in their old form. */
export function noteOldLinks({ path, text }: BotFile, report: Report): void {
  const lineOf = createLineCount(text);
  let named = 0;
  for (const { 0: found, index } of text.matchAll(TRACES)) {
    if (found.endsWith("api_key=") && !text.includes(BUILDS_LINKS)) continue;
    const isOurs = found.startsWith(OLD_LINKS) || found.startsWith(OLD_PAGES);
    const place = { file: path, line: lineOf(index) };
    if (isOurs) report.add("info", "this fixed address is read as this yard's own; the file stays as it is", place);
    else if (found.startsWith("http"))
      report.add("warning", "this address belongs to another service and is called as it is", place);
    else {
      const what = found.endsWith("api_key=") ? "a key" : "an old token";
      report.add("warning", `links with ${what} work only where the bot has legacy links switched on`, place);
    }
    if (++named === NAMED_IN_A_FILE) break;
  }
}

/**
 * Reads the fixed addresses in a bot's scripts and libraries as this yard's own. The stored code stays what it is; so do
 * line numbers.
 *
 * @returns a function that gives the bot itself where nothing is to be replaced, and the same copy for the same code
 * @see BJS, decision 40
 */
export function createOwnAddresses(addresses: () => OwnAddresses): (bot: BotDefinition) => BotDefinition {
  const known = new WeakMap<BotDefinition["commands"], Pick<BotDefinition, "commands" | "libs">>();

  return function withOwnAddresses(bot) {
    const found = known.get(bot.commands);
    if (found) return found.commands === bot.commands ? bot : { ...bot, ...found };

    const { links, pages } = addresses();
    const isOld = ({ code }: { code: string }) => code.includes(OLD_LINKS) || code.includes(OLD_PAGES);
    const own = <T extends { code: string }>(item: T): T =>
      isOld(item) ? { ...item, code: replaceOld(item.code, { links, pages }) } : item;
    const isNeeded = bot.commands.some(isOld) || bot.libs.some(isOld);
    const code = isNeeded
      ? { commands: bot.commands.map(own), libs: bot.libs.map(own) }
      : { commands: bot.commands, libs: bot.libs };
    known.set(bot.commands, code);
    return isNeeded ? { ...bot, ...code } : bot;
  };
}

function replaceOld(code: string, { links, pages }: OwnAddresses): string {
  return code.replaceAll(OLD_LINKS, () => `${links}/v1/bots/`).replaceAll(OLD_PAGES, () => `${pages}/v2/bots/`);
}
