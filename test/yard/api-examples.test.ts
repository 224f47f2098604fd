import { afterAll, beforeAll, expect, test } from "vitest";
import { createEndpoints } from "../../src/http/api/api.ts";
import { errorShape } from "../../src/http/api/shapes.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { EXAMPLES, type Example } from "../../src/http/openapi/examples.ts";
import { openTestYard, type TestYard } from "./open.ts";

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard({ processes: 1 });
});
afterAll(() => yard.end());

const endpoints = createEndpoints({} as HttpDeps);
/** Ids of the document's day, and what they are here. */
const ids = new Map<string, string>();
const ID = /^(?:own|key|run|req)_[0-9a-z]+$/;
const VOLATILE = /^\d{4}-\d\d-\d\dT[\d:.]+Z$|^by_[0-9a-z]+_[0-9a-z]+$|^https?:\/\/.*&sig=|^[0-9a-z]{12}$/;

/** The same, save for times, secrets and ids; an id that came before must be the same one again. */
function meet(told: unknown, seen: unknown, place: string): void {
  if (typeof told === "string" && ID.test(told)) {
    expect(seen, place).toMatch(ID);
    const known = ids.get(told) ?? String(seen);
    if (!told.startsWith("req_")) expect(seen, place).toBe(known);
    ids.set(told, known);
  } else if (typeof told === "string" && VOLATILE.test(told)) expect(seen, place).toMatch(VOLATILE);
  else if (typeof told === "object" && told !== null) {
    expect(Object.keys(seen as object).sort(), place).toEqual(Object.keys(told).sort());
    for (const [key, value] of Object.entries(told))
      meet(value, (seen as Record<string, unknown>)[key], `${place}.${key}`);
  } else if (place.endsWith(".duration_ms") || place.endsWith(".next")) expect(typeof seen).toBe(typeof told);
  else if (!place.endsWith(".last_used_at")) expect(seen, place).toEqual(told);
}

function addressOf({ route, params = {}, query = {} }: Example) {
  const [method = "", path = ""] = route.split(" ");
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name] ?? "";
    return encodeURIComponent(ids.get(value) ?? value);
  });
  const search = new URLSearchParams(query).toString();
  return { method, address: search === "" ? filled : `${filled}?${search}` };
}

test.each(EXAMPLES)("the document's example holds: $route, $title", async (example) => {
  const { method, address } = addressOf(example);

  const { status, body } = await yard.api(method, address, example.body);

  expect(status).toBe(example.status);
  meet(example.answer ?? null, body, "answer");
  const endpoint = endpoints.find(({ method: m, path }) => `${m} ${path}` === example.route);
  const schema = status >= 400 ? errorShape : endpoint?.result;
  if (body !== null) expect(schema?.safeParse(body).error?.issues ?? []).toEqual([]);
});
