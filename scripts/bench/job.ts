/**
 * The job that every subject does: 3 property reads, 1 write, 2 messages, some twenty lines. The second message is the
 * answer, so that a subject which answers anything else is found out before it is measured.
 */
export const SCRIPT = `let visits = User.getProperty("visits", 0);
const lang = User.getProperty("lang", "en");
const balance = User.getProperty("balance", 0);
visits = Number(visits) + 1;
User.setProperty("visits", visits, "integer");
const texts = {
  en: "Hello, " + user.first_name + "! You have visited " + visits + " times.",
  de: "Hallo, " + user.first_name + "!",
};
function greet(language) {
  return texts[language] || texts.en;
}
if (params) {
  Bot.sendMessage("You came with " + params);
} else {
  Bot.sendMessage(greet(lang));
}
const tail = [1, 2, 3].map((x) => x * visits).join(",");
const money = Number(balance).toFixed(2);
Bot.sendMessage("Balance: " + money + " USD");
`;
export const COMMAND = "/start";
export const ANSWER = "Balance: 12.50 USD";
export const FIRST_NAME = "Ann";
export const FIRST_VALUES = { visits: 7, lang: "en", balance: 12.5 };
export type Values = Record<keyof typeof FIRST_VALUES, string | number>;

export const BOTS = 20;
/** Enough for 64 callers with a user each: runs of one user wait for each other, here as in life. */
export const USERS_PER_BOT = 4;

/** What a caller sends by POST: about what a chat service sends with a message. */
export const BODY = JSON.stringify({
  update_id: 1,
  user: { id: 42, first_name: FIRST_NAME, username: "ann" },
  message: { text: COMMAND, chat: { id: 42, type: "private" } },
});

/** All users of all bots, bot after bot: callers next to each other call different bots. */
export function eachUser<T>(make: (bot: number, user: number) => T): T[] {
  const made: T[] = [];
  for (let user = 1; user <= USERS_PER_BOT; user++) for (let bot = 1; bot <= BOTS; bot++) made.push(make(bot, user));
  return made;
}

/** A path of the shape and about the length of a signed link, for subjects that check no signature. */
export function unsignedPath(bot: number, user: number): string {
  const kid = "key_01kdbbbbbb0123456789abcdef";
  const sig = "A".repeat(43);
  return `/v1/bots/${bot}/new-webhook?command=%2Fstart&kid=${kid}&s=command%2Ckid%2Cuser_id&user_id=${user}&sig=${sig}`;
}

/** Reads what `unsignedPath` says; null: something else. */
export function readUnsigned(path: string, query: URLSearchParams): string | null {
  const [, bot] = /^\/v1\/bots\/([1-9][0-9]*)\/new-webhook$/.exec(path) ?? [];
  const user = query.get("user_id");
  return bot === undefined || user === null || query.get("command") !== COMMAND ? null : `${bot}/${user}`;
}
