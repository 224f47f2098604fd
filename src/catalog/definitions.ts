import { createHash } from "node:crypto";
import type { BotDefinition, Command, Lib } from "../core/bot.ts";
import { AppError } from "../core/errors.ts";
import type { Tx } from "../core/ledger.ts";
import { stateKeys } from "../core/state-keys.ts";
import { rows } from "./rows.ts";

export type Reader = Pick<Tx, "get" | "list">;

export interface Definitions {
  /**
   * A bot with its code; null: there is no such bot. While the code is known this reads `b/meta` and nothing else, so
   * that a run which calls it runs again exactly when code or settings were changed meanwhile.
   *
   * @throws AppError `conflict` where meta and code were read on the two sides of a change: reading again helps. In a run
   * that happens by itself, for such reads do not prove valid.
   */
  load(reader: Reader, botId: number): Promise<BotDefinition | null>;
}

interface Code {
  commands: readonly Command[];
  libs: readonly Lib[];
  chars: number;
}

/** Code that is kept in memory, all bots together. */
const CACHE_CHARS = 64 * 1024 * 1024;

/**
 * Keeps the code of the bots that were used last. Code is found by its digest, which stands in the bot's meta: so a
 * version that was read while another one was being stored, or that was never committed, is never taken for another.
 */
export function createDefinitions({ cacheChars = CACHE_CHARS }: { cacheChars?: number } = {}): Definitions {
  const cache = new Map<string, Code>(); // the least recently used one first
  const loading = new Map<string, Promise<Code | null>>();
  let chars = 0;

  function keep(name: string, code: Code): void {
    if (cache.has(name)) return;
    cache.set(name, code);
    chars += code.chars;
    for (const [oldest, { chars: freed }] of cache) {
      if (chars <= cacheChars) break;
      cache.delete(oldest);
      chars -= freed;
    }
  }

  async function readCode(reader: Reader, name: string, codeSha256: string): Promise<Code | null> {
    const commandRows = await reader.list(stateKeys.commands);
    const libRows = await reader.list(stateKeys.libs);
    if (digestOf(new Map([...commandRows, ...libRows])) !== codeSha256) return null;

    const commands = [...commandRows.values()].map((text) => rows.command.read(text));
    const libs = [...libRows.values()].map((text) => rows.lib.read(text));
    let size = 0;
    for (const text of [...commandRows.values(), ...libRows.values()]) size += text.length;
    const code = { commands: inFileOrder(commands), libs: inFileOrder(libs), chars: size };
    keep(name, code);
    return code;
  }

  /** Of many runs that start at once only one reads the code. */
  async function findCode(reader: Reader, botId: number, codeSha256: string): Promise<Code | null> {
    const name = `${botId}/${codeSha256}`;
    const known = cache.get(name);
    if (known) {
      cache.delete(name);
      cache.set(name, known);
      return known;
    }

    const others = loading.get(name);
    const theirs = others && (await others.catch(() => null));
    if (theirs) return theirs;
    const mine = readCode(reader, name, codeSha256).finally(() => {
      if (loading.get(name) === mine) loading.delete(name);
    });
    loading.set(name, mine);
    return mine;
  }

  return {
    async load(reader, botId) {
      const text = await reader.get(stateKeys.meta);
      if (text === null) return null;
      const { meta, codeSha256 } = rows.meta.read(text);
      const code = await findCode(reader, botId, codeSha256);
      if (!code) throw new AppError("conflict", `bot ${botId} was changed while it was read`);
      return { meta, commands: code.commands, libs: code.libs };
    },
  };
}

/** SHA-256 over names and values of a bot's code, in the order of the names. */
export function digestOf(code: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const key of [...code.keys()].sort()) hash.update(JSON.stringify([key, code.get(key)]));
  return hash.digest("base64url");
}

/** The order of an import, which does not depend on when a command came to the bot. */
function inFileOrder<T extends { file: string }>(list: T[]): T[] {
  return list
    .map((item) => ({ item, bytes: Buffer.from(item.file) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ item }) => item);
}
