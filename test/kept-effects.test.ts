import { expect, test } from "vitest";
import type { Effect } from "../src/core/effect.ts";
import type { Json } from "../src/core/json.ts";
import { keptEffects } from "../src/kept-effects.ts";

const set = (name: string, value: Json): Effect => ({
  kind: "setProperty",
  by: "/start",
  user_id: null,
  name,
  value,
  type: "json",
});

test("a record keeps the values and options of a run as they are", () => {
  const effects: Effect[] = [
    set("list", [1, { a: "b" }, null]),
    { kind: "sendMessage", by: "/start", chat_id: 1, text: "hello", options: { parse_mode: "HTML" } },
    { kind: "run", by: "/start", command: "/next", user_id: null, chat_id: null },
  ];

  expect(keptEffects(effects)).toEqual(effects);
});

test("a value too large for a record is left out, and the effect says so", () => {
  const large = set("large", "x".repeat(200_000));

  expect(keptEffects([large])).toEqual([{ ...large, value: null, cut: true }]);
});

test("many small lists are as heavy as one long text", () => {
  const large = set(
    "lists",
    Array.from({ length: 20_000 }, () => []),
  );

  expect(keptEffects([large])).toMatchObject([{ value: null, cut: true }]);
});

test("options are left out where they are too large, and the text of the message stays", () => {
  const options = { reply_markup: "y".repeat(200_000) };
  const message: Effect = { kind: "sendMessage", by: "/start", chat_id: 1, text: "hello", options };

  expect(keptEffects([message, set("a", 1)])).toEqual([
    { kind: "sendMessage", by: "/start", chat_id: 1, text: "hello", cut: true },
    set("a", 1),
  ]);
});

test("what a run's values weigh counts together", () => {
  const effects = Array.from({ length: 30 }, (_, i) => set(`p${i}`, "x".repeat(10_000)));

  const kept = keptEffects(effects).filter((effect) => effect.kind === "setProperty" && effect.value !== null);

  expect(kept.length).toBe(13);
});
