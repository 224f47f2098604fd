import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { createEndpoints } from "../../../src/http/api/api.ts";
import type { HttpDeps } from "../../../src/http/deps.ts";
import { EXAMPLES } from "../../../src/http/openapi/examples.ts";
import { startYard } from "../fake-yard.ts";

async function get(path: string) {
  const { url } = await startYard();
  const answer = await fetch(url + path);
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

test("the document is valid OpenAPI 3.1, as a validator that others wrote sees it", async () => {
  const document = JSON.parse((await get("/api/openapi.json")).text) as Record<string, unknown>;

  const validator = new Validator();
  const result = await validator.validate(document);

  expect(result).toMatchObject({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("the document has every route of the API, each with an example and a name of its own", async () => {
  const document = JSON.parse((await get("/api/openapi.json")).text) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const told = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
  );
  const names = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  const routes = createEndpoints({} as HttpDeps).map(({ method, path }) => `${method} ${path}`);

  expect(told.sort()).toEqual(routes.sort());
  expect([...new Set(EXAMPLES.map(({ route }) => route))].sort()).toEqual(routes);
  expect(new Set(names).size).toBe(names.length);
});

test("every reference of the document leads to a component of it", async () => {
  const { text } = await get("/api/openapi.json");
  const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };

  const named = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? "");

  expect(named.length).toBeGreaterThan(20);
  expect(new Set(named.filter((name) => !(name in components.schemas)))).toEqual(new Set());
});

test("the page shows every call, holds no script and asks for nothing from anywhere", async () => {
  const { status, text, headers } = await get("/api");

  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri/);
  expect(text).not.toMatch(/<script|<link|<img|<iframe|\bon\w+=|https?:\/\/(?!bots\.example\.org)/i);
  for (const { path } of createEndpoints({} as HttpDeps))
    expect(text).toContain(`/api/v1${path.replace(/:(\w+)/g, "{$1}")}`);
});
