import { expect, test } from "vitest";
import { median, quantile, slope } from "../../scripts/bench/stats.ts";

test("the median of an even number of values lies between the two in the middle", () => {
  expect(median([9, 1, 4, 2])).toBe(3);
  expect(median([9, 1, 4])).toBe(4);
});

test("a quantile is a value that was measured, and the share of 1 is the largest", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

  expect([0.5, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([50, 99, 100]);
});

test("the slope is that of the line through the points, whatever lies around it", () => {
  const points = [0, 1, 2, 3].map((x) => ({ x, y: 10 + 3 * x + (x === 1 || x === 2 ? 0.5 : -0.5) }));

  expect(slope(points)).toBeCloseTo(3);
});
