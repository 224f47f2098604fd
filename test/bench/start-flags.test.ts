import { expect, test } from "vitest";
import { readStartFlags } from "../../scripts/bench/start-flags.ts";

test("the product is measured with the flags that npm start gives it", () => {
  expect(readStartFlags().flags).toContain("--no-node-snapshot");
});
