import { Argument } from "commander";
import type { Command } from "commander";
import type { Json } from "../../core/json.ts";
import { answers } from "../answers.ts";
import type { Property } from "../answers.ts";
import { chooseBot } from "../desk.ts";
import type { Desk } from "../desk.ts";
import { botOption, jsonOption, readJson, userOption } from "../options.ts";
import type { Common } from "../options.ts";
import { usage } from "../stop.ts";
import { manyLines, oneLine, table } from "../text.ts";

interface Options extends Common {
  bot?: number;
  user?: number;
}

export function addProps(program: Command, desk: Desk): void {
  const props = program.command("props").description("values that a bot and its users keep");
  const verb = (name: string, about: string) =>
    props
      .command(name)
      .description(about)
      .addOption(botOption())
      .addOption(userOption(name === "ls" ? "only those of this user" : "of this user; without one it is the bot's"))
      .addOption(jsonOption());
  const nameArgument = () => new Argument("<name>", "the property's name").argParser(readName);
  const place = async (options: Options, name: string) => ({
    path: ["bots", await chooseBot(desk, options.bot), "properties", name],
    query: { user_id: options.user },
  });

  verb("ls", "all properties of a bot and its users").action(async (options: Options) => {
    const path = ["bots", await chooseBot(desk, options.bot), "properties"];
    const call = { method: "GET", path, query: { user_id: options.user } } as const;
    const properties = await (await desk.client()).all(call, answers.properties, (answer) => answer.properties);
    const rows = properties.map(({ user_id, name, type, value }) => [user_id ?? "bot", name, type, shown(value)]);
    desk.show(options, { properties }, table(["OF", "NAME", "TYPE", "VALUE"], rows, "no properties"));
  });

  verb("get", "one value, as it is")
    .addArgument(nameArgument())
    .action(async (name: string, options: Options) => {
      const call = { method: "GET", ...(await place(options, name)) } as const;
      const { property } = await (await desk.client()).call(call, answers.property);
      desk.show(options, { properties: [property] }, manyLines(shown(property.value)));
    });

  verb("set", "store a value")
    .addArgument(nameArgument())
    .argument("<value>", "what reads as JSON is taken as that, anything else as text; --type string keeps any text")
    .option("--type <type>", "integer, float, boolean, string, text, json or datetime")
    .action(async (name: string, text: string, options: Options & { type?: string }) => {
      const body = { value: readValue(text, options.type), type: options.type };
      const call = { method: "PUT", ...(await place(options, name)), body } as const;
      const { property } = await (await desk.client()).call(call, answers.property);
      desk.show(options, { properties: [property] }, summary(property));
    });

  verb("rm", "remove a value")
    .addArgument(nameArgument())
    .action(async (name: string, options: Options) => {
      await (await desk.client()).remove(await place(options, name));
      desk.show(options, { properties: [] }, `${oneLine(name)} is removed`);
    });
}

/** Where a type is named the server makes the value fit it, so that the text goes as it is. */
function readValue(text: string, type: string | undefined): Json {
  const isJson = type === undefined || /^\s*(?:json|object)\s*$/i.test(type);
  const value = isJson ? readJson(text) : text;
  if (value !== undefined) return value;
  if (type !== undefined) throw usage(`the value is no JSON, which --type ${type} asks for`);
  return text;
}

/** A URL takes neither an empty segment nor these two, however they are written. */
function readName(name: string): string {
  if (["", ".", ".."].includes(name)) throw usage(`a property called "${name}" can only be reached by a script`);
  return name;
}

function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function summary({ name, value, type }: Property): string {
  return `${oneLine(name)} = ${oneLine(shown(value))} (${type})`;
}
