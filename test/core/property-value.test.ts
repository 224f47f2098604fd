import fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { PROPERTY_TYPES } from "../../src/core/property.ts";
import { coerceProperty } from "../../src/core/property-value.ts";

const caseSchema = z.strictObject({ value: z.json(), type: z.json(), v: z.json(), t: z.enum(PROPERTY_TYPES) });
const cases = z
  .array(caseSchema)
  .parse(JSON.parse(readFileSync(new URL("property-cases.json", import.meta.url), "utf8")));

test.each(cases)("$value under the type $type is stored as $t", ({ value, type, v, t }) => {
  expect(coerceProperty(value, type ?? undefined)).toMatchObject({ v, t });
});

test.each([
  ["abc", "integer"],
  [5.7, "integer"],
  ["5.7", "integer"],
  ["9007199254740993", "number"],
  ["ten", "float"],
  [true, "float"],
  ["tomorrow", "datetime"],
  [9e15, "datetime"],
])("%j under %s, which it cannot become, is kept with a warning", (value, type) => {
  expect(coerceProperty(value, type).warning).toBeDefined();
});

test.each([
  ["42", "integer"],
  [5, "string"],
  ["no", "boolean"],
  [[1], "string"],
])("%j under %s comes without a warning", (value, type) => {
  expect(coerceProperty(value, type)).not.toHaveProperty("warning");
});

test("any value and any type come to a value and a type that can be stored, and stay so when stored again", () => {
  const anyType = fc.oneof(fc.constantFrom(...PROPERTY_TYPES, "object", "number"), fc.jsonValue());

  fc.assert(
    fc.property(fc.jsonValue(), anyType, (value, type) => {
      const first = coerceProperty(value as never, type);

      expect(PROPERTY_TYPES).toContain(first.t);
      expect(coerceProperty(first.v, first.t)).toEqual({ v: first.v, t: first.t });
    }),
  );
});

test("a warning never holds the value", () => {
  expect(coerceProperty("my secret", "integer").warning).not.toContain("secret");
});
