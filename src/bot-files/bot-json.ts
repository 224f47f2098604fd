import { z } from "zod";
import type { BotFile } from "../core/catalog.ts";
import { isJsonObject, nestsDeeperThan } from "../core/json.ts";
import { JSON_DEPTH } from "../core/limits.ts";
import type { Report } from "./report.ts";

const NAME_CHARS = 256;
const CONTROL = /\p{Cc}/u;

/** What the format asks of `bot.json`. Its other members (`git_remote`, `csv_url`) are not followed. */
const botJsonSchema = z.looseObject({
  bb_sync_version: z.literal("1.0", { error: 'bb_sync_version must be the text "1.0"' }),
  name: z
    .string({ error: "name must be a text" })
    .trim()
    .min(1, "name must not be blank")
    .max(NAME_CHARS, `name must have at most ${NAME_CHARS} characters`)
    .refine((name) => name.isWellFormed() && !CONTROL.test(name), "name must not hold control characters"),
});

/** A `bot.json` of this name, with the other members as they were in `before`. No line end stands at its end. */
export function formatBotJson(name: string, before?: string): string {
  const members = before === undefined ? undefined : parse(before);
  const kept = isJsonObject(members) ? members : { git_remote: null, csv_url: null };
  return JSON.stringify({ ...kept, bb_sync_version: "1.0", name }, null, 2);
}

/** The bot's name; undefined where the file is missing or wrong, which the report then says. */
export function readBotJson(file: BotFile | undefined, report: Report): string | undefined {
  if (!file) {
    report.add(
      "error",
      'bot.json is missing: every bot folder has one, such as {"bb_sync_version":"1.0","name":"demo"}',
    );
    return undefined;
  }
  const place = { file: file.path };
  const { text } = file;
  if (nestsDeeperThan(text, JSON_DEPTH)) {
    report.add("error", `bot.json nests deeper than ${JSON_DEPTH} levels`, place);
    return undefined;
  }

  const value = parse(text);
  if (value === undefined) {
    report.add("error", "bot.json is not JSON", place);
    return undefined;
  }
  if (!isJsonObject(value)) {
    report.add("error", "bot.json must hold an object", place);
    return undefined;
  }

  const parsed = botJsonSchema.safeParse(value);
  if (parsed.success) return parsed.data.name;
  for (const issue of parsed.error.issues) report.add("error", issue.message, place);
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}
