import fc from "fast-check";
import { expect, test } from "vitest";
import type { BotDefinition } from "../../src/core/bot.ts";
import { resolveCommand } from "../../src/resolve/resolve.ts";
import { botOf, command } from "../run/yard.ts";

/** Name → aliases. */
function botWith(commands: Record<string, string[]>): BotDefinition {
  return botOf(Object.entries(commands).map(([name, aliases]) => command(name, "", { aliases })));
}
const shown = (bot: BotDefinition, text: string, handlers: string[] = []): string => {
  const found = resolveCommand(bot, text, handlers);
  if (found.kind === "none") return "none";
  const name = found.kind === "command" ? found.command.name : `on ${found.name}`;
  return `${name} | ${found.params}${found.note === undefined ? "" : ` | ${found.note.split(": ").at(-1) ?? ""}`}`;
};

const shop = botWith({
  "/start": [],
  "👛 My wallet": ["wallet", "💰 money"],
  "👛": [],
  Balance: [],
  balance: [],
  "/pay": ["pay now"],
  "need-join": ["joined"],
  paynow: [],
  "*": [],
  "@": ["before"],
  "@@": [],
  "!": ["star"],
  hook: [],
  "Big Shop": [],
});
const handlers = ["hook", "libOnPay", "libonpay", "*", "/libcmd"];

test.each([
  ["a whole text that is a name, with spaces in it", "👛 My wallet", "👛 My wallet | "],
  ["a whole text before its own first word", "👛 other", "👛 | other"],
  ["an alias, trimmed and in any letter case", "  Wallet ", "👛 My wallet | "],
  ["an alias of several words", "💰 MONEY", "👛 My wallet | "],
  ["an alias of two words before a command of the first", "pay now", "/pay | "],
  ["a first word that is a name", "/start abc", "/start | abc"],
  ["all that follows the first space, blanks kept", "/start  a  b ", "/start |  a  b "],
  ["a first word that is an alias", "Wallet 5", "👛 My wallet | 5"],
  ["names that differ in letter case alone, each by its own", "Balance 3 points", "Balance | 3 points"],
  ["names that differ in letter case alone, each by its own (2)", "balance", "balance | "],
  ["a handler by its first word", "libOnPay /paid 5", "on libOnPay | /paid 5"],
  ["a bot's command before a handler of that name", "hook 1", "hook | 1"],
  ["a name in another letter case, with a note", "/START abc", "/start | abc | they differ in letter case"],
  ["a whole name in another letter case", "big SHOP", "Big Shop |  | they differ in letter case"],
  ["the first of two names that are equal but for case", "BALANCE", "Balance |  | they differ in letter case"],
  ["a handler in another letter case", "LIBONPAY x", "on libOnPay | x | they differ in letter case"],
  ["a name without its slash", "start x", "/start | x | they differ in leading slash"],
  ["a name with a slash too many", "/need-join", "need-join |  | they differ in leading slash"],
  ["an alias with a slash too many", "/joined", "need-join |  | they differ in leading slash"],
  ["a handler without its slash", "libCmd 1", "on /libcmd | 1 | they differ in leading slash"],
  ["letter case before the slash", "PayNow", "paynow |  | they differ in letter case"],
  ["an alias of a special name", "before", "@ | "],
  ["nothing else", "unknown", "none"],
  ["nothing for the empty text", "", "none"],
  ["nothing for a blank text", "   ", "none"],
  ["nothing for a lone slash", "/", "none"],
  ["no special name by its text: *", "*", "none"],
  ["no special name by its text: @", "@", "none"],
  ["no special name by its text: @@ x", "@@ x", "none"],
  ["no special name by its text: !", "!", "none"],
  ["the bot's own name behind a command", "/start@testbot abc", "/start | abc"],
  ["the bot's own name in another letter case", "/start@TestBot", "/start | "],
  ["no other bot's name", "/start@otherbot", "none"],
  ["no name that only ends like the bot's", "/start@mytestbot", "none"],
  ["nothing for the bot's name alone", "@testbot", "none"],
])("a text names %s", (_, text, expected) => {
  expect(shown(shop, text, handlers)).toBe(expected);
});

test("a command that spells the bot's name out is found whole", () => {
  const bot = botWith({ "/start": [], "/start@testbot": [] });

  expect(shown(bot, "/start@testbot x")).toBe("/start@testbot | x");
});

test.each([".*", "^$", "(a+)+$", "[", "\\", "/start|/pay", "a.c", "$&", "%s", "{}"])(
  "%s is matched as plain text",
  (name) => {
    const bot = botWith({ [name]: [], abc: [] });

    expect(shown(bot, name)).toBe(`${name} | `);
    expect(shown(bot, `${name} p`)).toBe(`${name} | p`);
    expect(shown(botWith({ abc: [], "/start": [] }), name)).toBe("none");
  },
);

test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "__defineGetter__"])(
  "%s is a name like any other",
  (name) => {
    expect(shown(botWith({ "/start": [] }), name, ["x"])).toBe("none");
    expect(shown(botWith({ "/start": [] }), `${name} p`)).toBe("none");
    expect(shown(botWith({ [`${name}`]: [] }), `${name} p`)).toBe(`${name} | p`);
    expect(shown(botWith({ a: [name.toLowerCase()] }), name)).toBe("a | ");
    expect(shown(botWith({ "/start": [] }), `${name} p`, [name])).toBe(`on ${name} | p`);
  },
);

test("of two commands with one name the first is found", () => {
  const bot = botOf([command("/a", "1"), command("/a", "2")]);

  const found = resolveCommand(bot, "/a", []);

  expect(found).toMatchObject({ kind: "command", command: { code: "1" } });
});

test("a name of 50,000 characters is found, and its note does not repeat it", () => {
  const name = `/${"A".repeat(50_000)}`;
  const bot = botWith({ [name]: [] });

  expect(resolveCommand(bot, `${name} x`, [])).toMatchObject({ kind: "command", params: "x" });
  expect(resolveCommand(bot, "/".repeat(50_000), [])).toEqual({ kind: "none" });
});

test("the note of a long text shows its beginning alone", () => {
  const found = resolveCommand(botWith({ a: [] }), `A ${"x".repeat(50_000)}`, []);

  expect(found).toMatchObject({ kind: "command", params: "x".repeat(50_000) });
  expect(found.kind === "command" && (found.note ?? "").length).toBeLessThan(300);
});

test("a bot that has nothing answers every text with nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(resolveCommand(botWith({}), text, [])).toEqual({ kind: "none" });
    }),
  );
});

test("any name that is no special one is found by itself, alone and with params", () => {
  const name = fc
    .string({ unit: "binary", minLength: 1, maxLength: 20 })
    .filter((text) => !["@", "@@", "*", "!"].includes(text));

  fc.assert(
    fc.property(name, fc.string({ maxLength: 20 }), (own, params) => {
      const bot = botWith({ [own]: [] });

      expect(resolveCommand(bot, own, [])).toEqual({ kind: "command", command: bot.commands[0], params: "" });
      if (!own.includes(" "))
        expect(resolveCommand(bot, `${own} ${params}`, [])).toMatchObject({ kind: "command", params });
    }),
  );
});
