import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchLength, entryBytes, type Waiting } from "../../../src/store/pipeline/batch.ts";
import { createTx } from "../../../src/store/pipeline/tx.ts";
import type { LogEntry } from "../../../src/store/store.ts";

const view = { read: () => Promise.reject(new Error()), list: () => Promise.reject(new Error()) };
const waiting = (bytes: number): Waiting => ({
  open: createTx(view, 0),
  entry: undefined,
  bytes,
  settle: () => undefined,
  fail: () => undefined,
});
const lengthOf = (bytes: number[], maxRuns: number, maxBytes: number) =>
  batchLength(bytes.map(waiting), maxRuns, maxBytes);

describe("the next document", () => {
  test("takes all that waits where it fits", () => {
    expect(lengthOf([10, 20, 30], 5, 60)).toBe(3);
  });
  test("takes no more runs than allowed", () => {
    expect(lengthOf([1, 1, 1, 1], 3, 60)).toBe(3);
  });
  test("takes no more bytes than allowed, but always one run", () => {
    expect(lengthOf([10, 20, 31], 5, 60)).toBe(2);
    expect(lengthOf([100, 1], 5, 60)).toBe(1);
  });
});

describe("the size of an entry", () => {
  const text = fc.string({ unit: "binary", maxLength: 60 });
  const json = fc.jsonValue().map((value) => JSON.stringify(value));
  const entries: fc.Arbitrary<LogEntry> = fc.record({
    run: fc.constant("run_01k2m3n4p5q6r7s8t9v0w1x2y3"),
    writes: fc.array(fc.tuple(text, fc.option(json, { nil: null })), { maxLength: 5 }),
    tasks: fc.array(json, { maxLength: 3 }),
    record: fc.record({ failed: fc.boolean(), text: json }),
  });

  test("is never taken for less than it is", () => {
    fc.assert(
      fc.property(entries, (entry) => {
        expect(entryBytes(entry, 1_000_000)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(entry)));
      }),
    );
  });

  test("is measured exactly where it may be too large", () => {
    const entry: LogEntry = { run: "run_1", writes: [["p/b/x", JSON.stringify("x".repeat(50_000))]], tasks: [] };
    const bytes = Buffer.byteLength(JSON.stringify(entry));

    expect(entryBytes(entry, bytes)).toBe(bytes);
    expect(() => entryBytes(entry, bytes - 1)).toThrow(
      `a run commits at most ${bytes - 1} bytes, this one has ${bytes}`,
    );
  });
});
