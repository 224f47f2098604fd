import fc from "fast-check";
import { expect, test } from "vitest";
import { createChanges } from "../../../src/store/pipeline/changes.ts";

const NAMES = ["a", "ab", "abc", "b", "ba"];
const steps = fc.array(
  fc.oneof(
    fc.record({ add: fc.subarray(NAMES) }),
    fc.record({ forget: fc.nat({ max: 40 }) }), // how far behind the clock
  ),
  { maxLength: 60 },
);

test("tells of every name and prefix whether it changed after a moment that is still remembered", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const changes = createChanges();
      const history: string[] = []; // history[n] changed at clock n + 1
      let oldest = 0;
      for (const step of all) {
        if ("add" in step) {
          changes.add(step.add);
          history.push(...step.add);
        } else {
          oldest = Math.max(oldest, changes.clock() - step.forget);
          changes.forgetUntil(oldest);
        }
      }

      expect(changes.clock()).toBe(history.length);
      for (let at = oldest; at <= history.length; at++)
        for (const name of NAMES) {
          expect(changes.keySince(name, at)).toBe(history.slice(at).includes(name));
          expect(changes.prefixSince(name, at)).toBe(history.slice(at).some((key) => key.startsWith(name)));
        }
    }),
  );
});

test("holds no more than its bound, and takes a read from before that for stale", () => {
  const changes = createChanges(100);
  for (let i = 0; i < 1000; i++) changes.add([`p/${i}`]);

  expect(changes.size()).toBe(100);
  expect(changes.keySince("q", 900)).toBe(false);
  expect(changes.keySince("q", 899)).toBe(true);
  expect(changes.prefixSince("q", 900)).toBe(false);
  expect(changes.prefixSince("q", 899)).toBe(true);
});

test("holds nothing once nobody can ask any more", () => {
  const changes = createChanges();
  for (let i = 0; i < 5000; i++) {
    changes.add([`p/${i}`]);
    changes.forgetUntil(changes.clock() - 10);
  }
  expect(changes.size()).toBe(10);

  changes.forgetUntil(changes.clock());
  expect(changes.size()).toBe(0);
});
