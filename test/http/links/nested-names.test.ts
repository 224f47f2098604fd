import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { nestNames } from "../../../src/http/links/nested-names.ts";

const plain = (fields: [string, Json][]) => JSON.parse(JSON.stringify(nestNames(fields))) as unknown;

test.each<[string, [string, string][], unknown]>([
  [
    "the last of a repeated name",
    [
      ["a", "1"],
      ["a", "2"],
    ],
    { a: "2" },
  ],
  ["an object", [["a[b][c]", "1"]], { "a[b][c]": "1", a: { b: { c: "1" } } }],
  [
    "a list by index",
    [
      ["a[1]", "y"],
      ["a[0]", "x"],
    ],
    { "a[1]": "y", "a[0]": "x", a: ["x", "y"] },
  ],
  [
    "a list with a gap as an object",
    [
      ["a[0]", "x"],
      ["a[2]", "y"],
    ],
    { "a[0]": "x", "a[2]": "y", a: { 0: "x", 2: "y" } },
  ],
  [
    "the plain name before its parts",
    [
      ["a", "p"],
      ["a[b]", "1"],
    ],
    { a: "p", "a[b]": "1" },
  ],
  [
    "the later of a value and its parts",
    [
      ["a[b]", "1"],
      ["a[b][c]", "2"],
    ],
    { "a[b]": "1", "a[b][c]": "2", a: { b: { c: "2" } } },
  ],
  [
    "unbalanced brackets flat",
    [
      ["a[b", "1"],
      ["a]b[", "2"],
      ["[x]", "3"],
      ["a[[b]]", "4"],
    ],
    { "a[b": "1", "a]b[": "2", "[x]": "3", "a[[b]]": "4" },
  ],
  ["more than five brackets flat", [["a[b][c][d][e][f][g]", "1"]], { "a[b][c][d][e][f][g]": "1" }],
])("keeps %s", (_, fields, expected) => {
  expect(plain(fields)).toEqual(expected);
});

test("has every name as it was written, with its last value, and touches no prototype", () => {
  const part = fc.constantFrom("a", "b", "", "0", "1", "__proto__", "constructor", "prototype", "length", "toString");
  const name = fc
    .tuple(part, fc.array(part, { maxLength: 7 }))
    .map(([a, rest]) => a + rest.map((r) => `[${r}]`).join(""));
  const before = Object.getOwnPropertyNames(Object.prototype).join();

  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), (fields) => {
      const object = nestNames(fields);

      const last = new Map(fields);
      for (const [key, value] of last) expect(Object.getOwnPropertyDescriptor(object, key)?.value).toBe(value);
      expect(Object.getPrototypeOf(object)).toBeNull();
      expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
    }),
  );
});

test("keeps the order and the values of any list written with []", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (values) => {
      expect(nestNames(values.map((value) => ["a[]", value])).a).toEqual(values);
    }),
  );
});
