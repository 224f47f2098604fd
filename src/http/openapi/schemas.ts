import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

/** What zod calls a schema that holds itself and has no name: only JSON does, and generators do not get over it. */
const UNNAMED = "__schema";

/**
 * Turns zod schemas into JSON Schema 2020-12, which is the dialect of OpenAPI 3.1. zod writes it itself, so that no
 * second description of a schema can go another way; what has a name becomes a component.
 */
export function createSchemaWriter() {
  const components: Record<string, JsonSchema> = {};

  function write(schema: z.ZodType, io: "input" | "output"): JsonSchema {
    const { $defs, ...written } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
    for (const [name, part] of Object.entries($defs ?? {}))
      if (!name.startsWith(UNNAMED)) components[name] = tidy(part, io);
    return tidy(written, io);
  }
  return { write, components };
}

/**
 * Names point into the components. An answer may come to hold more than it does, so that clients are not told to refuse
 * it; bounds that say no more than "a number" are left out.
 */
function tidy(part: object, io: "input" | "output"): JsonSchema {
  const text = JSON.stringify(part, (key: string, value: unknown) => {
    if (isObject(value) && typeof value["$ref"] === "string" && value["$ref"].startsWith(`#/$defs/${UNNAMED}`))
      return { description: "any JSON value" };
    if (key === "$schema") return undefined; // the document says it for all of them
    if (key === "$ref" && typeof value === "string") return value.replace("#/$defs/", "#/components/schemas/");
    if (key === "additionalProperties" && value === false && io === "output") return undefined;
    if ((key === "minimum" || key === "maximum") && typeof value === "number" && !isTelling(value)) return undefined;
    return value;
  });
  const tidied: unknown = JSON.parse(text);
  return isObject(tidied) ? tidied : {};
}

function isTelling(bound: number): boolean {
  return Math.abs(bound) !== Number.MAX_SAFE_INTEGER;
}

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
