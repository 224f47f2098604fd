import fc from "fast-check";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Json } from "../../src/core/json.ts";
import { PROPERTY_TYPES, propertySchema } from "../../src/core/property.ts";
import { coerceProperty } from "../../src/core/property-value.ts";
import { openYard, type TestYard } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

interface Case {
  value: Json;
  type: Json;
}
const tableSchema = z.array(z.object({ value: z.json(), type: z.json(), v: z.json(), t: z.enum(PROPERTY_TYPES) }));
const table = tableSchema.parse(
  JSON.parse(readFileSync(new URL("../core/property-cases.json", import.meta.url), "utf8")),
);

/** What a script's `setProperty(name, value, type)` stores, for many at once; null: deleted. */
async function stored(cases: readonly Case[]): Promise<{ kept: unknown[]; warned: boolean[] }> {
  const code = `JSON.parse(content).forEach(({ value, type }, i) => Bot.setProperty("p" + i, value, type ?? undefined))`;
  const { error, writes, log } = await yard.script(code, { content: JSON.stringify(cases) });
  if (error) throw new Error(error.message);
  return {
    kept: cases.map((_, i) => {
      const text = writes.get(`b/p${i}`);
      return text == null ? null : propertySchema.parse(JSON.parse(text));
    }),
    warned: cases.map((_, i) => log.some(({ text }) => text.startsWith(`property "p${i}": `))),
  };
}

test("the guest stores what the table of cases says, as the host does", async () => {
  const { kept } = await stored(table);

  // null deletes here; the API has a call of its own for that
  expect(kept).toEqual(table.map(({ value, v, t }) => (value === null ? null : { v, t })));
});

test("the guest and the host agree on any value and any type, warnings included", async () => {
  const type = fc.oneof(fc.constantFrom(...PROPERTY_TYPES, "object", "number", " String", "JSON"), fc.jsonValue());
  const text = fc.constantFrom(
    "12",
    " 1.5 ",
    "1e400",
    "0x10",
    "9007199254740993",
    "true",
    "0",
    "2026-01-31",
    "2026-01-31T10:00",
    "31.1.2026",
    "Sat, 31 Jan 2026 10:00:00 GMT",
    "١٢",
  );
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 3 }));
  // as they come over the wire: -0 is 0
  const cases = fc.sample(fc.record({ value, type }), 400).map((one): Case => JSON.parse(JSON.stringify(one)));

  const { kept, warned } = await stored(cases);

  cases.forEach(({ value, type }, i) => {
    if (value === null) return;
    const { v, t, warning } = coerceProperty(value, type ?? undefined);
    expect({ value, type, ...(kept[i] as object) }).toEqual({ value, type, v, t });
    expect({ value, type, warned: warned[i] }).toEqual({ value, type, warned: warning !== undefined });
  });
});
