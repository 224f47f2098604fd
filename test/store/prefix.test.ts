import fc from "fast-check";
import { expect, test } from "vitest";
import { afterPrefix } from "../../src/store/prefix.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "b", "/", "\0", "ü", "\ud7ff", "\uffff", "😀", "\u{10ffff}"),
  maxLength: 4,
});
const isBefore = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

test("what starts with a prefix lies between it and its end, and nothing else does", () => {
  fc.assert(
    fc.property(text, text, (prefix, name) => {
      const end = afterPrefix(prefix);
      const lies = !isBefore(name, prefix) && (end === undefined || isBefore(name, end));

      expect(lies).toBe(name.startsWith(prefix));
    }),
    { numRuns: 1000 },
  );
});

test("the empty prefix has no end", () => {
  expect(afterPrefix("")).toBeUndefined();
  expect(afterPrefix("\u{10ffff}")).toBeUndefined();
});
