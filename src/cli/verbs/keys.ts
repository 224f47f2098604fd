import type { Command } from "commander";
import { answers } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption, readCount } from "../options.ts";
import type { Common } from "../options.ts";
import { oneLine, table } from "../text.ts";

type Options = Common & { bot?: number };

export function addKeys(program: Command, desk: Desk): void {
  const keys = program.command("keys").description("the keys that sign a bot's links");
  const verb = (name: string, about: string) =>
    keys.command(name).description(about).addOption(botOption()).addOption(jsonOption());

  verb("ls", "the keys whose links are good").action(async (options: Options) => {
    const path = ["bots", await chooseBot(desk, options.bot), "keys"];
    const answer = await (await desk.client()).call({ method: "GET", path }, answers.keys);
    const rows = answer.keys.map(({ kid, created_at, expires_at }) => [kid, created_at, expires_at ?? "signs now"]);
    desk.show(options, answer, table(["KEY", "SINCE", "GOOD UNTIL"], rows, "no keys"));
  });

  verb("rotate", "sign with a new key; links of the old one stay good for a while")
    .option("--overlap <seconds>", "how long they stay good (default: a day); 0: not at all", readCount(0))
    .action(async (options: Options & { overlap?: number }) => {
      const path = ["bots", await chooseBot(desk, options.bot), "keys", "rotate"];
      const call = { method: "POST", path, body: { overlap_seconds: options.overlap } } as const;
      const answer = await (await desk.client()).call(call, answers.key);
      desk.show(options, answer, `${answer.key.kid} signs now`);
    });

  verb("rm", "revoke a key: every link that it signed is dead")
    .argument("<key>", "the key's id")
    .action(async (kid: string, options: Options) => {
      const path = ["bots", await chooseBot(desk, options.bot), "keys", kid];
      await (await desk.client()).remove({ path });
      desk.show(options, { removed: true }, `${oneLine(kid)} is revoked`);
    });
}
