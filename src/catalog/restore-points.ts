import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import type { BotMeta } from "../core/bot.ts";
import type { RestorePoint } from "../core/catalog.ts";
import { AppError } from "../core/errors.ts";
import type { Ledger, Tx } from "../core/ledger.ts";
import { stateKeys } from "../core/state-keys.ts";
import { assertBot, requireBot } from "./changes.ts";
import type { Change } from "./changes.ts";
import { parseCodeRows, readCodeRows } from "./code-rows.ts";
import type { CodeRows } from "./code-rows.ts";
import { rows } from "./rows.ts";
import type { StoredPoint } from "./rows.ts";

/** Of whole changes (imports and restores), and as many of changes of single commands, which come in larger numbers. */
const POINTS_KEPT = 10;
/** A part goes into the commit that keeps its point; of a larger bot the parts are written ahead, one a commit. */
const PART_CHARS = 1024 * 1024;
/** A state of fewer bytes fills one part at most, however badly it packs: base64 takes four characters for three bytes. */
const SMALL_BYTES = PART_CHARS / 2;
const UNPACKED_BYTES = 64 * 1024 * 1024;

const packedSchema = z.array(z.tuple([z.string(), z.string()]));

export interface RestorePointsDeps {
  ledger: Ledger;
  change: Change;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** What takes the place of a state: other code as a whole, or a change of one command or library. */
export type Replacement = "whole" | "edit";

/** Earlier states of the bots' code, packed. The newest of each bot are kept. */
export interface RestorePoints {
  /** To be called before the change that is going to keep a point: writes ahead what is too large for one commit. */
  prepare(botId: number): Promise<void>;
  /**
   * Keeps the state that this change takes the place of.
   *
   * @throws AppError `conflict` where the bot is large and was changed since it was prepared
   */
  keep(tx: Tx, state: { meta: BotMeta; code: CodeRows }, by: Replacement): Promise<void>;
  /** @param version absent: the newest @throws AppError `restore_point_not_found` */
  read(tx: Tx, version?: number): Promise<{ meta: BotMeta; code: CodeRows }>;
  list(botId: number): Promise<RestorePoint[]>;
}

export function createRestorePoints({ ledger, change, now }: RestorePointsDeps): RestorePoints {
  return {
    async prepare(botId) {
      const list = (prefix: string) => ledger.list(botId, prefix);
      if (byteLength(await readCodeRows({ list })) < SMALL_BYTES) return;
      const { version, parts } = await change(botId, async (tx) => {
        const { meta } = await requireBot(tx, botId);
        await removePartsAhead(tx, meta.version);
        return { version: meta.version, parts: await pack(await readCodeRows(tx)) };
      });
      if (parts.length === 1) return;
      for (const [i, part] of parts.entries())
        await change(botId, async (tx) => {
          await requireBot(tx, botId);
          tx.set(stateKeys.partsAhead, rows.partsAhead.write({ version, parts: parts.length }));
          tx.set(stateKeys.restorePart(version, i), rows.restorePart.write(part));
        });
    },

    async keep(tx, { meta, code }, by) {
      const { version } = meta;
      const parts = await pack(code);
      const [first = ""] = parts;
      const ahead = await partsAhead(tx);
      if (ahead) tx.set(stateKeys.partsAhead, null);
      if (parts.length === 1) tx.set(stateKeys.restorePart(version, 0), rows.restorePart.write(first));
      else if (ahead?.version !== version)
        throw new AppError("conflict", `bot ${meta.id} was changed by somebody else meanwhile: try it again`);

      const { commands, libs } = parseCodeRows(code);
      const point: StoredPoint = {
        ...{ meta, by, kept_at: new Date(now()).toISOString(), parts: parts.length },
        ...{ commands: commands.length, libs: libs.length },
      };
      tx.set(stateKeys.restorePoint(version), rows.restorePoint.write(point));
      const alike = (await pointsOf(tx)).filter((old) => old.by === by);
      for (const old of alike.slice(POINTS_KEPT)) {
        tx.set(stateKeys.restorePoint(old.meta.version), null);
        removeParts(tx, { version: old.meta.version, parts: old.parts });
      }
    },

    async read(tx, version) {
      const points = await pointsOf(tx);
      const point = version === undefined ? points[0] : points.find(({ meta }) => meta.version === version);
      if (!point) {
        const what = version === undefined ? "no earlier state" : `no state of version ${version} kept`;
        throw new AppError("restore_point_not_found", `this bot has ${what}`);
      }
      const keys = Array.from({ length: point.parts }, (_, i) => stateKeys.restorePart(point.meta.version, i));
      const texts = await tx.getMany(keys);
      return { meta: point.meta, code: await unpack(keys.map((key) => rows.restorePart.read(texts.get(key) ?? ""))) };
    },

    async list(botId) {
      await assertBot(ledger, botId);
      const points = await pointsOf({ list: (prefix) => ledger.list(botId, prefix) });
      return points.map(({ meta: { version, name, disabled }, commands, libs, kept_at }) => ({
        ...{ version, name, disabled, commands, libs, kept_at },
      }));
    },
  };
}

/** The newest first. */
async function pointsOf(tx: Pick<Tx, "list">): Promise<StoredPoint[]> {
  const list = await tx.list(stateKeys.restorePoints);
  return [...list.values()].map((text) => rows.restorePoint.read(text)).sort((a, b) => b.meta.version - a.meta.version);
}

async function partsAhead(tx: Tx) {
  const text = await tx.get(stateKeys.partsAhead);
  return text === null ? undefined : rows.partsAhead.read(text);
}

/** What was written ahead of a change that never came. */
async function removePartsAhead(tx: Tx, version: number): Promise<void> {
  const ahead = await partsAhead(tx);
  if (ahead === undefined || ahead.version === version) return;
  removeParts(tx, ahead);
  tx.set(stateKeys.partsAhead, null);
}

function removeParts(tx: Tx, { version, parts }: { version: number; parts: number }): void {
  for (let i = 0; i < parts; i++) tx.set(stateKeys.restorePart(version, i), null);
}

function byteLength(code: CodeRows): number {
  let bytes = 0;
  for (const [key, text] of code) bytes += Buffer.byteLength(JSON.stringify([key, text]));
  return bytes;
}

/** Source text packs to about a fifth, so that ten states take no more room than two. */
async function pack(code: CodeRows): Promise<string[]> {
  const packed = (await promisify(gzip)(JSON.stringify([...code]))).toString("base64");
  const parts: string[] = [];
  for (let from = 0; from < packed.length; from += PART_CHARS) parts.push(packed.slice(from, from + PART_CHARS));
  return parts;
}

async function unpack(parts: readonly string[]): Promise<CodeRows> {
  const bytes = Buffer.from(parts.join(""), "base64");
  const text = (await promisify(gunzip)(bytes, { maxOutputLength: UNPACKED_BYTES })).toString();
  return new Map(packedSchema.parse(JSON.parse(text)));
}
