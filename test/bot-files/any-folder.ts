import fc from "fast-check";
import type { BotFile } from "../../src/core/catalog.ts";

/** A bot.json as nobody would write it: it has to come back like that. */
export const BOT_JSON: BotFile = { path: "bot.json", text: '{ "name": "demo",\r\n"bb_sync_version":"1.0", "x": 1 }' };

const part = fc.constantFrom("a", "_b", "*", "@", "@@", "🔩 x", "pages ", "C", "é", "b.html", ".x");
const path = fc.oneof(
  fc.tuple(part).map(([name]) => `commands/${name}.js`),
  fc.tuple(part, part).map(([folder, name]) => `commands/${folder}/${name}.js`),
  part.map((name) => `libs/${name}.js`),
  part.map((name) => `libs/${name}`),
);
const line = fc.oneof(
  fc.constantFrom("", "  ", "/*CMD", "CMD*/", "  CMD*/ x", "  <<ANSWER", "  ANSWER", "<<KEYBOARD", "KEYBOARD"),
  fc.constantFrom("  command: /a", "command: b", "  help: */", "  need_reply: true", "  folder: pages", "  answer: hi"),
  fc.constantFrom("  keyboard: a,b\\nc", "  aliases: A, b", "  group: g", "  x: y", "\uFEFF", "let a = 1"),
  fc.string({ unit: "grapheme" }),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom("\n", "\r\n", "\r"))
  .map(([lines, end]) => lines.join(end));

/** Files of a bot beside its bot.json, as odd as the format allows. Some of them cannot be imported. */
export const anyFiles = fc.uniqueArray(fc.record({ path, text }), { selector: (file) => file.path, maxLength: 8 });

/** In the order of an export, without what an import leaves out. */
export function exported(files: readonly BotFile[]): BotFile[] {
  return files
    .filter(({ path: name }) => name.endsWith(".js") || !name.includes("/."))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
