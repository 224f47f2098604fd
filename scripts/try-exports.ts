// Imports bots that others have published and exports them again, and counts what is not the same byte for byte.
//   node scripts/try-exports.ts FOLDER…     each is the folder of a bot, or holds such folders
// Nothing of a bot is run.
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { createCheckScripts } from "../src/bot-files/check-scripts.ts";
import { isUnchanged } from "../src/bot-files/diff-bot.ts";
import { placeCommand } from "../src/bot-files/place-command.ts";
import { readFolder } from "../src/bot-files/read-folder.ts";
import { writeFolder } from "../src/bot-files/write-folder.ts";
import { createCatalog } from "../src/catalog/catalog.ts";
import { createDefinitions } from "../src/catalog/definitions.ts";
import { newId } from "../src/core/ids.ts";
import { createDeploy } from "../src/deploy.ts";
import { createSeal } from "../src/secrets.ts";
import { createMemoryStore } from "../src/store/memory.ts";
import { createLedger } from "../src/store/pipeline/ledger.ts";

/** An author and a bot, where the folder is called AUTHOR+BOT. */
const AUTHOR = /^([^+]+)\+/;

const counts = new Map<string, number>();
const count = (kind: string, more = 1): void => void counts.set(kind, (counts.get(kind) ?? 0) + more);
const authors = new Set<string>();

const folders = (await Promise.all(process.argv.slice(2).map(botFolders))).flat();
for (const folder of folders) {
  const odd = await tryBot(folder);
  const author = AUTHOR.exec(basename(folder))?.[1];
  if (author !== undefined) authors.add(author);
  for (const line of odd) console.log(`${basename(folder)}: ${line}`);
}
console.log(`\n${folders.length} bots of ${authors.size} authors`);
for (const [kind, number] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${number}\t${kind}`);

async function botFolders(folder: string): Promise<string[]> {
  const isBot = (path: string) =>
    stat(join(path, "bot.json")).then(
      () => true,
      () => false,
    );
  if (await isBot(folder)) return [folder];
  const inside: string[] = [];
  for (const name of await readdir(folder)) if (await isBot(join(folder, name))) inside.push(join(folder, name));
  return inside;
}

/** What came otherwise than it went in, a line each. */
async function tryBot(folder: string): Promise<string[]> {
  const ledger = createLedger({ store: createMemoryStore(), now: Date.now, newId });
  const catalog = createCatalog({
    ...{ ledger, placeCommand, definitions: createDefinitions(), seal: createSeal("of no use here"), now: Date.now },
    forget: (id) => ledger.forget(id),
  });
  const deploy = createDeploy({ catalog, checkScripts: createCheckScripts() });
  const out = await mkdtemp(join(tmpdir(), "botyard-try-"));
  try {
    const { files } = await readFolder(folder);
    const { bot, report } = await deploy.importBot(files);
    for (const note of report) count(`said: ${note.level}: ${kindOf(note.message)}`);
    await writeFolder(out, await deploy.exportBot(bot.id));
    const again = await deploy.tryImport((await readFolder(out)).files, bot.id);
    if (!isUnchanged(again.changes)) count("bots that an import of the export would change");
    count("bots imported");
    return await compare(folder, out);
  } catch (error) {
    count("bots refused");
    return [`refused: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    await rm(out, { recursive: true, force: true });
    await ledger.close();
  }
}

async function compare(folder: string, out: string): Promise<string[]> {
  const odd: string[] = [];
  const before = await listFiles(folder);
  const after = new Set(await listFiles(out));
  for (const path of before) {
    if (!after.delete(path)) {
      const isOfBot = /^(?:commands|libs)\//.test(path);
      count(
        isOfBot
          ? "file below commands/ or libs/ left out"
          : "file beside the bot's left where it is (README and the like)",
      );
      if (isOfBot) odd.push(`left out: ${path}`);
      continue;
    }
    const [a, b] = await Promise.all([readFile(join(folder, path)), readFile(join(out, path))]);
    count(a.equals(b) ? "file the same, byte for byte" : "file that differs");
    if (!a.equals(b)) odd.push(`differs: ${path}`);
  }
  for (const path of after) odd.push(`new: ${path}`);
  if (after.size > 0) count("file that was not there before", after.size);
  return odd;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(".git/"));
}

/** A note without the names in it. */
function kindOf(message: string): string {
  return message
    .replace(/"[^"]*"|'[^']*'|commands\/.*?\.js\b/g, "…")
    .replace(/: (?:Unexpected|Invalid|missing|Identifier|Illegal).*/, ": …")
    .slice(0, 110);
}
