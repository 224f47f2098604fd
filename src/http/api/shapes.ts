import { z } from "zod";
import { botMetaSchema, commandSchema, libSchema } from "../../core/bot.ts";
import { auditEntrySchema, ownerSchema, tokenSchema } from "../../core/owner.ts";
import { chatSchema, userSchema } from "../../core/people.ts";
import { PROPERTY_TYPES } from "../../core/property.ts";
import { runErrorSchema, runRecordSchema } from "../../core/run-record.ts";

/** The things that answers hold. Each has one name in the API's document. */
export const nextCursor = z.string().nullable().describe("the cursor of the next page; null: this is the last one");

export const botShape = botMetaSchema.meta({ id: "Bot" });
export const commandShape = commandSchema.meta({ id: "Command" });
export const libShape = libSchema.meta({ id: "Lib" });
export const userShape = userSchema.meta({ id: "User" });
export const chatShape = chatSchema.meta({ id: "Chat" });
export const ownerShape = ownerSchema.meta({ id: "Owner" });
export const tokenShape = tokenSchema.meta({ id: "Token" });
export const auditShape = auditEntrySchema.meta({ id: "AuditEntry" });

/** Effects are told in full, and their kinds grow in number: a client takes them as objects with a kind. */
export const runShape = runRecordSchema
  .extend({ error: runErrorSchema.nullable(), effects: z.array(z.looseObject({ kind: z.string() })) })
  .meta({ id: "Run" });

export const propertyShape = z
  .strictObject({
    name: z.string(),
    user_id: z.number().int().positive().nullable(),
    value: z.custom<z.infer<ReturnType<typeof z.json>>>().meta({ description: "any JSON value but null" }),
    type: z.enum(PROPERTY_TYPES),
  })
  .meta({ id: "Property" });

export const linkKeyShape = z
  .strictObject({ kid: z.string(), created_at: z.string(), expires_at: z.string().nullable() })
  .meta({ id: "LinkKey" });

export const fileShape = z.strictObject({ path: z.string(), text: z.string() }).meta({ id: "BotFile" });

export const noteShape = z
  .strictObject({
    level: z.enum(["info", "warning", "error"]),
    file: z.string().nullable(),
    line: z.number().int().nullable(),
    message: z.string(),
  })
  .meta({ id: "ImportNote" });

const changedItems = z
  .strictObject({
    added: z.array(z.strictObject({ name: z.string(), file: z.string() })),
    changed: z.array(z.strictObject({ name: z.string(), file: z.string(), fields: z.array(z.string()) })),
    removed: z.array(z.strictObject({ name: z.string(), file: z.string() })),
  })
  .meta({ id: "ChangedItems" });

export const changesShape = z
  .strictObject({
    name: z.strictObject({ from: z.string().nullable(), to: z.string() }).nullable(),
    commands: changedItems,
    libs: changedItems,
    files: z.strictObject({ added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) }),
  })
  .meta({ id: "BotChanges" });

export const restorePointShape = z
  .strictObject({
    version: z.number().int(),
    name: z.string(),
    disabled: z.boolean(),
    commands: z.number().int(),
    libs: z.number().int(),
    kept_at: z.string(),
  })
  .meta({ id: "RestorePoint" });

/** What every refusal looks like. */
export const errorShape = z
  .strictObject({
    error: z.strictObject({ code: z.string(), message: z.string(), field: z.string().optional() }),
    request_id: z.string(),
  })
  .meta({ id: "Error" });
