import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, nestsDeeperThan } from "../../src/core/json.ts";

function depthOf(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test("the depth of JSON text is found without parsing it, whatever stands in its strings", () => {
  const strings = fc.oneof(fc.string(), fc.stringMatching(/^[\\"[\]{}]*$/));
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      strings,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(strings, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const depth = depthOf(value);

      expect(nestsDeeperThan(JSON.stringify(value), depth)).toBe(false);
      if (depth > 0) expect(nestsDeeperThan(JSON.stringify(value), depth - 1)).toBe(true);
    }),
  );
});

test("text that is no JSON has a depth as well: a string without an end hides the rest", () => {
  expect(nestsDeeperThan('[[["[[[[', 3)).toBe(false);
  expect(nestsDeeperThan("[".repeat(100_000), 100)).toBe(true);
});
