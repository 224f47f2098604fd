import { InvalidArgumentError, type Command } from "commander";
import { SCOPES } from "../../core/owner.ts";
import { answers } from "../answers.ts";
import type { Desk } from "../desk.ts";
import { jsonOption } from "../options.ts";
import type { Common } from "../options.ts";
import { oneLine, table } from "../text.ts";

/** The owners, for the operator. */
export function addOwners(program: Command, desk: Desk): void {
  const owners = program.command("owners").description("accounts with bots and tokens of their own (for the operator)");

  owners
    .command("ls")
    .description("all owners")
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const client = await desk.client();
      const list = await client.all({ method: "GET", path: ["owners"] }, answers.owners, (answer) => answer.owners);
      const rows = list.map(({ id, name, disabled, created_at }) => [id, name, disabled ? "off" : "on", created_at]);
      desk.show(options, { owners: list }, table(["OWNER", "NAME", "TOKENS", "SINCE"], rows, "no owners"));
    });

  owners
    .command("add")
    .description("make an owner")
    .argument("<name>")
    .addOption(jsonOption())
    .action(async (name: string, options: Common) => {
      const call = { method: "POST", path: ["owners"], body: { name } } as const;
      const answer = await (await desk.client()).call(call, answers.owner);
      desk.show(options, answer, `${answer.owner.id} is ${oneLine(answer.owner.name)}`);
    });

  for (const [name, disabled] of [["enable", false] as const, ["disable", true] as const])
    owners
      .command(name)
      .description(disabled ? "refuse all tokens of an owner" : "take them again")
      .argument("<owner>")
      .addOption(jsonOption())
      .action(async (id: string, options: Common) => {
        const call = { method: "PATCH", path: ["owners", id], body: { disabled } } as const;
        const answer = await (await desk.client()).call(call, answers.owner);
        desk.show(options, answer, `the tokens of ${answer.owner.id} are ${disabled ? "refused" : "good"}`);
      });

  owners
    .command("rm")
    .description("delete an owner who has no bots")
    .argument("<owner>")
    .addOption(jsonOption())
    .action(async (id: string, options: Common) => {
      await (await desk.client()).remove({ path: ["owners", id] });
      desk.show(options, { removed: true }, `${oneLine(id)} is removed`);
    });
}

interface NewToken extends Common {
  scope: string[];
  expires?: string;
}

/** The tokens of an owner, for the operator and for owners with the scope admin. */
export function addTokens(program: Command, desk: Desk): void {
  const tokens = program.command("tokens").description("what an owner's programs show to the API");

  tokens
    .command("ls")
    .description("the tokens of an owner, without their texts")
    .argument("<owner>")
    .addOption(jsonOption())
    .action(async (owner: string, options: Common) => {
      const call = { method: "GET", path: ["owners", owner, "tokens"] } as const;
      const list = await (await desk.client()).all(call, answers.tokens, (answer) => answer.tokens);
      const rows = list.map(({ id, name, scopes, last_used_at, expires_at }) => [
        ...[id, name, scopes.join(","), last_used_at ?? "never", expires_at ?? "never"],
      ]);
      desk.show(options, { tokens: list }, table(["TOKEN", "NAME", "SCOPES", "USED", "EXPIRES"], rows, "no tokens"));
    });

  tokens
    .command("add")
    .description("make a token; its text is told this once")
    .argument("<owner>")
    .argument("<name>")
    .requiredOption("--scope <scopes...>", `what it may do: ${SCOPES.join(", ")} (all of them)`)
    .option("--expires <time>", "until when it is good, as 2030-01-31T00:00:00Z (default: for good)", readTime)
    .addOption(jsonOption())
    .action(async (owner: string, name: string, { scope, expires, json }: NewToken) => {
      const body = { name, scopes: scope, expires_at: expires };
      const call = { method: "POST", path: ["owners", owner, "tokens"], body } as const;
      const answer = await (await desk.client()).call(call, answers.newToken);
      desk.show(json ? { json } : {}, answer, answer.text);
    });

  tokens
    .command("rm")
    .description("revoke a token: it is refused at once")
    .argument("<owner>")
    .argument("<token>", "the token's id")
    .addOption(jsonOption())
    .action(async (owner: string, id: string, options: Common) => {
      await (await desk.client()).remove({ path: ["owners", owner, "tokens", id] });
      desk.show(options, { removed: true }, `${oneLine(id)} is revoked`);
    });
}

function readTime(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("It is a time such as 2030-01-31T00:00:00Z.");
  return new Date(ms).toISOString();
}
