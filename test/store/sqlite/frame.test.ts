import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogDoc } from "../../../src/store/store.ts";
import { packDocs, unpackDocs } from "../../../src/store/sqlite/frame.ts";

const text = fc.string({ unit: "binary", maxLength: 20 });
const docs: fc.Arbitrary<LogDoc[]> = fc.array(
  fc.record({
    bot: fc.nat(),
    seq: fc.nat(),
    prev: text,
    id: text,
    by: text,
    at: fc.nat(),
    entries: fc.array(
      fc.record(
        {
          run: text,
          writes: fc.array(fc.tuple(text, fc.option(text, { nil: null })), { maxLength: 4 }),
          tasks: fc.array(text, { maxLength: 4 }),
          record: fc.record({ failed: fc.boolean(), text }),
          hold: fc.nat(),
        },
        { requiredKeys: ["run", "writes", "tasks"], noNullPrototype: true },
      ),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 4 },
);

test("documents come out of the flat list as they went in", () => {
  fc.assert(
    fc.property(docs, (all) => {
      expect(unpackDocs(structuredClone(packDocs(all)))).toEqual(all);
    }),
  );
});
