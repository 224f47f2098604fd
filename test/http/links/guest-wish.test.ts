import { expect, test } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { readGuestWish } from "../../../src/http/links/guest-wish.ts";

const NOW = Date.parse("2026-01-01T00:00:00.500Z");
const SECONDS = Math.floor(NOW / 1000);

test.each<[string, JsonObject, object]>([
  [
    "the four of the library",
    { command: "/a", content: "c", user_id: 7, redirect_to: "https://a.test" },
    { content: "c", userId: 7, redirectTo: "https://a.test" },
  ],
  ["an id in text", { command: "/a", user_id: "7" }, { userId: 7 }],
  ["nothing but null", { command: "/a", content: null, user_id: null, redirect_to: null, exp: null, once: null }, {}],
  ["an empty user", { command: "/a", user_id: "" }, {}],
  ["content that is a number", { command: "/a", content: 5 }, { content: "5" }],
  ["content that is an object", { command: "/a", content: { b: [1] } }, { content: '{"b":[1]}' }],
  ["seconds from now", { command: "/a", exp: 60 }, { exp: SECONDS + 60 }],
  ["a date", { command: "/a", exp: "2026-02-01T00:00:00.000Z" }, { exp: Date.parse("2026-02-01") / 1000 }],
  ["once", { command: "/a", once: true }, { once: true }],
  ["switches that are off", { command: "/a", once: false, human: false, confirm: null }, {}],
  ["names that nobody knows", { command: "/a", options: { a: 1 }, __proto__: 1 }, {}],
])("takes %s", (_, wish, expected) => {
  expect(readGuestWish(wish, NOW)).toEqual({ command: "/a", ...expected });
});

test.each<[string, JsonObject]>([
  ["command", {}],
  ["command", { command: "" }],
  ["command", { command: 5 }],
  ["user_id", { command: "/a", user_id: "7a" }],
  ["user_id", { command: "/a", user_id: { $gt: "" } }],
  ["redirect_to", { command: "/a", redirect_to: ["https://a.test"] }],
  ["exp", { command: "/a", exp: "soon" }],
  ["exp", { command: "/a", exp: true }],
  ["human", { command: "/a", human: true }],
  ["confirm", { command: "/a", confirm: 1 }],
])("refuses a wrong %s: %j", (field, wish) => {
  expect(() => readGuestWish(wish, NOW)).toThrow(expect.objectContaining({ code: "field_invalid", field }));
});
