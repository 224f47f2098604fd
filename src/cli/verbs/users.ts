import type { Command } from "commander";
import { answers } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption, readId } from "../options.ts";
import type { Common } from "../options.ts";
import { table } from "../text.ts";

type Options = Common & { bot?: number };
interface NewUser extends Options {
  telegramid?: number;
  name?: string;
  lastName?: string;
  username?: string;
  language?: string;
}

export function addUsers(program: Command, desk: Desk): void {
  const users = program.command("users").description("the users of a bot");

  users
    .command("add")
    .description("a user and the private chat of that user")
    .addOption(botOption())
    .option("--telegramid <id>", "Telegram's id of the user", readId)
    .option("--name <text>", "first name")
    .option("--last-name <text>", "last name")
    .option("--username <text>", "Telegram's user name, without @")
    .option("--language <code>", "language code, such as en")
    .addOption(jsonOption())
    .action(async (options: NewUser) => {
      const botId = await chooseBot(desk, options.bot);
      const { telegramid, name, lastName, username, language } = options;
      // members that are undefined do not get into the JSON
      const body = { telegramid, first_name: name, last_name: lastName, username, language_code: language };
      const call = { method: "POST", path: ["bots", botId, "users"], body } as const;
      const answer = await (await desk.client()).call(call, answers.newUser);
      desk.show(options, answer, `user ${answer.user.id} with chat ${answer.chat.id}`);
    });

  users
    .command("ls")
    .description("all users of a bot")
    .addOption(botOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const botId = await chooseBot(desk, options.bot);
      const call = { method: "GET", path: ["bots", botId, "users"] } as const;
      const users = await (await desk.client()).all(call, answers.users, (answer) => answer.users);
      const rows = users.map((user) => [
        user.id,
        `${user.first_name} ${user.last_name}`.trim(),
        user.username,
        user.telegramid ?? "",
        user.created_at,
      ]);
      desk.show(options, { users }, table(["ID", "NAME", "USERNAME", "TELEGRAMID", "SINCE"], rows, "no users"));
    });
}
