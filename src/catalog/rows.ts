import { z } from "zod";
import { botMetaSchema, commandSchema, libSchema } from "../core/bot.ts";
import type { BotMeta, Command, Lib } from "../core/bot.ts";
import type { LinkKey } from "../core/catalog.ts";
import { chatSchema, userSchema } from "../core/people.ts";
import type { Chat, User } from "../core/people.ts";
import { propertySchema } from "../core/property.ts";
import type { Property } from "../core/property.ts";

/** A bot's meta as it is stored: with the digest of the code that belongs to this version. */
const storedMetaSchema = botMetaSchema.extend({ code_sha256: z.string() });

const linkKeySchema = z.strictObject({
  kid: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
});

const storedPointSchema = z.strictObject({
  /** As it was when another state took the place of this one. */
  meta: botMetaSchema,
  by: z.enum(["whole", "edit"]).default("whole"),
  kept_at: z.string(),
  parts: z.number().int().positive(),
  commands: z.number().int(),
  libs: z.number().int(),
});
export type StoredPoint = z.infer<typeof storedPointSchema>;

const partsAheadSchema = z.strictObject({ version: z.number().int().positive(), parts: z.number().int().positive() });
export type PartsAhead = z.infer<typeof partsAheadSchema>;

const yardEntrySchema = z.strictObject({ id: z.number().int().positive(), created_at: z.string() });
export type YardEntry = z.infer<typeof yardEntrySchema>;

export interface StoredMeta {
  meta: BotMeta;
  codeSha256: string;
}

/** The yard's values are JSON text. Each kind is written and read here and nowhere else. */
export const rows = {
  meta: {
    write: ({ meta, codeSha256 }: StoredMeta) => JSON.stringify({ ...meta, code_sha256: codeSha256 }),
    read(text: string): StoredMeta {
      const { code_sha256, ...meta } = storedMetaSchema.parse(JSON.parse(text));
      return { meta, codeSha256: code_sha256 };
    },
  },
  command: {
    /** The same command gives the same text, whatever order its members came in. */
    write: (command: Command) => JSON.stringify(commandSchema.parse(command)),
    read: (text: string): Command => commandSchema.parse(JSON.parse(text)),
  },
  lib: {
    write: (lib: Lib) => JSON.stringify(libSchema.parse(lib)),
    read: (text: string): Lib => libSchema.parse(JSON.parse(text)),
  },
  file: {
    write: (text: string) => JSON.stringify(text),
    read: (text: string): string => z.string().parse(JSON.parse(text)),
  },
  restorePoint: {
    write: (point: StoredPoint) => JSON.stringify(point),
    read: (text: string): StoredPoint => storedPointSchema.parse(JSON.parse(text)),
  },
  restorePart: {
    write: (part: string) => JSON.stringify(part),
    read: (text: string): string => z.string().parse(JSON.parse(text)),
  },
  partsAhead: {
    write: (ahead: PartsAhead) => JSON.stringify(ahead),
    read: (text: string): PartsAhead => partsAheadSchema.parse(JSON.parse(text)),
  },
  secret: {
    write: (sealed: string) => JSON.stringify(sealed),
    read: (text: string): string => z.string().parse(JSON.parse(text)),
  },
  linkKey: {
    write: (key: LinkKey) => JSON.stringify(key),
    read: (text: string): LinkKey => linkKeySchema.parse(JSON.parse(text)),
  },
  user: {
    write: (user: User) => JSON.stringify(user),
    read: (text: string): User => userSchema.parse(JSON.parse(text)),
  },
  chat: {
    write: (chat: Chat) => JSON.stringify(chat),
    read: (text: string): Chat => chatSchema.parse(JSON.parse(text)),
  },
  property: {
    write: (property: Property) => JSON.stringify(property),
    read: (text: string): Property => propertySchema.parse(JSON.parse(text)),
  },
  yardEntry: {
    write: (entry: YardEntry) => JSON.stringify(entry),
    read: (text: string): YardEntry => yardEntrySchema.parse(JSON.parse(text)),
  },
  counter: {
    write: (last: number) => JSON.stringify(last),
    read: (text: string): number => z.number().int().nonnegative().parse(JSON.parse(text)),
  },
};
