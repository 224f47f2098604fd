import { z } from "zod";
import { botMetaSchema } from "../core/bot.ts";
import { chatSchema, userSchema } from "../core/people.ts";
import { ownerSchema, tokenSchema } from "../core/owner.ts";
import { PROPERTY_TYPES } from "../core/property.ts";
import { runRecordSchema } from "../core/run-record.ts";

/** The server may be newer than this program: what it says beyond this is passed on, not refused. */
const open = <T extends z.ZodRawShape>({ shape }: { shape: T }) => z.looseObject(shape);

const bot = open(botMetaSchema);
const run = open(runRecordSchema);
const note = z.looseObject({
  level: z.enum(["info", "warning", "error"]),
  file: z.string().nullable(),
  line: z.number().nullable(),
  message: z.string(),
});
const item = z.looseObject({ name: z.string(), file: z.string() });
const items = z.looseObject({
  added: z.array(item),
  changed: z.array(item.extend({ fields: z.array(z.string()) })),
  removed: z.array(item),
});
const changes = z.looseObject({
  name: z.looseObject({ from: z.string().nullable(), to: z.string() }).nullable(),
  commands: items,
  libs: items,
  files: z.looseObject({ added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) }),
});
const restorePoint = z.looseObject({
  version: z.number(),
  name: z.string(),
  disabled: z.boolean(),
  commands: z.number(),
  libs: z.number(),
  kept_at: z.string(),
});
const property = z.looseObject({
  name: z.string(),
  value: z.json(),
  type: z.enum(PROPERTY_TYPES),
  user_id: z.number().nullable(),
});
const key = z.looseObject({ kid: z.string(), created_at: z.string(), expires_at: z.string().nullable() });

const owner = open(ownerSchema);
const token = open(tokenSchema);

/** What the API answers, call by call. */
export const answers = {
  bots: z.looseObject({ bots: z.array(bot) }),
  bot: z.looseObject({ bot }),
  botWithCode: z.looseObject({
    bot,
    commands: z.array(
      z.looseObject({ id: z.number(), name: z.string(), aliases: z.array(z.string()), file: z.string() }),
    ),
    libs: z.array(z.looseObject({ name: z.string(), file: z.string() })),
  }),
  imported: z.looseObject({ bot: bot.nullable(), report: z.array(note), changes }),
  files: z.looseObject({ files: z.array(z.looseObject({ path: z.string(), text: z.string() })) }),
  restorePoints: z.looseObject({ restore_points: z.array(restorePoint) }),
  users: z.looseObject({ users: z.array(open(userSchema)) }),
  newUser: z.looseObject({ user: open(userSchema), chat: open(chatSchema) }),
  link: z.looseObject({ url: z.string() }),
  run: z.looseObject({ run }),
  runs: z.looseObject({ runs: z.array(run), next: z.string().nullable() }),
  properties: z.looseObject({ properties: z.array(property) }),
  property: z.looseObject({ property }),
  keys: z.looseObject({ keys: z.array(key) }),
  key: z.looseObject({ key }),
  owners: z.looseObject({ owners: z.array(owner) }),
  owner: z.looseObject({ owner }),
  tokens: z.looseObject({ tokens: z.array(token) }),
  newToken: z.looseObject({ token, text: z.string() }),
};

/** What every list says of what follows it. */
export const pageAnswer = z.looseObject({ next: z.string().nullish() });

export type Bot = z.infer<typeof bot>;
export type Run = z.infer<typeof run>;
export type Changes = z.infer<typeof changes>;
export type Note = z.infer<typeof note>;
export type Property = z.infer<typeof property>;

/** What every error of the API looks like. */
export const errorAnswer = z.looseObject({ error: z.looseObject({ code: z.string(), message: z.string() }) });
