import { z } from "zod";
import { parsedJson } from "./json.ts";

export const PROPERTY_TYPES = ["integer", "float", "boolean", "string", "text", "json", "datetime"] as const;
export type PropertyType = (typeof PROPERTY_TYPES)[number];

/** A stored property: the value as JSON holds it (datetime: an ISO 8601 text) and its type. */
export const propertySchema = z.strictObject({ v: parsedJson, t: z.enum(PROPERTY_TYPES) });
export type Property = z.infer<typeof propertySchema>;

/** Whose property: a user of the bot, or (null) the bot itself. */
export type PropertyOwner = number | null;

export interface NamedProperty {
  name: string;
  user_id: PropertyOwner;
  value: Property["v"];
  type: PropertyType;
}
