import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { createBodyBudget } from "../../src/http/body-budget.ts";
import { readBody } from "../../src/http/read-body.ts";

test("bounds the bodies in memory together, until their answers are gone", async () => {
  const budget = createBodyBudget(10);
  const waiting: ServerResponse[] = [];
  const server = createServer((req, res) => {
    readBody(req, res, { maxBytes: 8, take: budget(res) }).then(
      (body) => (req.url === "/wait" ? waiting.push(res) : res.end(body)),
      (error: unknown) => res.end((error as AppError).code),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (path: string, body: string) => fetch(url + path, { method: "POST", body }).then((a) => a.text());

  const first = post("/wait", "12345678");
  await expect.poll(() => waiting.length).toBe(1);
  const full = await post("/", "123");
  const small = await post("/", "12");
  waiting[0]?.end("first");
  await first;
  const later = await post("/", "12345678");

  expect([full, small, later]).toEqual(["queue_full", "12", "12345678"]);
});
