import { expect, test } from "vitest";
import { runNaive } from "../../scripts/conformance/control.ts";
import { quotas } from "./hostile-burners.ts";
import * as scripts from "./hostile-scripts.ts";
import type { Hostile } from "./hostile-scripts.ts";

/** The outcomes that the product's tests allow, in the words of a control host. */
function allowed({ answer, fails = [] }: Hostile): string[] {
  if (answer !== undefined) return [`ok:${answer ?? ""}`];
  const words: Record<string, string> = { script_timeout: "timeout", script_memory: "memory-error" };
  return fails.map((code) => words[code] ?? "contained-error");
}

const named = (list: readonly Hostile[], ...words: string[]): Hostile[] =>
  list.filter(({ what }) => words.some((word) => what.includes(word)));

/** On hosts that were built badly on purpose these must go wrong: else the tests of the sandbox do not bite. */
const onNaive = [
  ...named(scripts.reachability, "finds none of the engine's"),
  ...named(quotas, "a value over the limit", "a name over the limit", "a message over the limit"),
  ...named(quotas, "more messages", "sends over a network"),
  ...named(scripts.thrown, "message never ends", "stack never ends"),
  ...named(scripts.forged, "words for a timeout", "words for a full heap"),
  ...named(scripts.shapes, "ends with a comment", "closes the function"),
];
const onVm = [
  ...named(scripts.reachability, "follows every member", "with every constructor", "path of the host in a stack"),
  ...named(scripts.thrown, "name never ends"),
];

test.each(onNaive)("a host with the engine's handles in scope is caught by: a script $what", async (hostile) => {
  const outcome = await runNaive("naive", [hostile.code]);

  expect(allowed(hostile)).not.toContain(outcome);
});

test.each(onVm)("a host with its own objects in scope is caught by: a script $what", async (hostile) => {
  const outcome = await runNaive("vm", [hostile.code]);

  expect(allowed(hostile)).not.toContain(outcome);
});

test("a host with one context for everybody is caught by what one script leaves for the next", async () => {
  const outcome = await runNaive("naive", ["globalThis.OUT = 1;", "Bot.sendMessage(typeof OUT)"]);

  expect(outcome).toBe("ok:number");
});

test("the controls run good scripts: what they get wrong is not for being dead", async () => {
  expect(await runNaive("naive", ["Bot.sendMessage('a'); return;"])).toBe("ok:a");
  expect(await runNaive("vm", ["Bot.sendMessage('a'); return;"])).toBe("ok:a");
});
