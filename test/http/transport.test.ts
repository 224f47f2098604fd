import { expect, test } from "vitest";
import { PUBLIC_URL, startYard, TOKEN, type FakeYard } from "./fake-yard.ts";
import { collect, exchange, open } from "./raw-socket.ts";

const safety = [
  ["x-content-type-options", "nosniff"],
  ["content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"],
  ["referrer-policy", "no-referrer"],
  ["cache-control", "no-store, private"],
] as const;
const head = (line: string, ...headers: string[]) => [line, "Host: a", ...headers, "", ""].join("\r\n");

const connections = ({ server }: FakeYard) =>
  new Promise<number>((resolve) => {
    server.getConnections((_, count) => {
      resolve(count);
    });
  });

/** The answers that a test may get although it sent no well-formed request. */
function expectRefusal({ text, statuses }: { text: string; statuses: number[] }, status: number): void {
  expect(statuses).toEqual([status]);
  for (const [name, value] of safety) expect(text.toLowerCase()).toContain(`${name}: ${value}\r\n`);
  expect(text).toMatch(/\r\nconnection: close\r\n/i);
  expect(text).toMatch(/\r\nx-request-id: (req_[0-9a-z]{26})\r\n[^]*"request_id":"\1"\}$/i);
}

test("puts the safety headers and a request id on every answer, whatever it is", async () => {
  const yard = await startYard({ run: () => Promise.reject(new Error("boom at /srv/secret.ts")) });
  const link = await yard.link({ command: "/go" });
  const targets = ["/", "/healthz", "/robots.txt", "/favicon.ico", "/nowhere", "/api/v1/bots", link, `${link}x`];

  const answers = await Promise.all([
    ...targets.map((target) => fetch(yard.url + target)),
    fetch(yard.url + link, { method: "PUT" }),
    fetch(yard.url + link, { method: "OPTIONS" }),
    fetch(`${yard.url}/${"a".repeat(9000)}`),
    fetch(yard.url + link, { method: "POST", body: "a".repeat(1024 * 1024 + 1) }),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 204, 404, 401, 500, 403, 405, 204, 414, 413]);
  for (const answer of answers) {
    for (const [name, value] of safety) expect(answer.headers.get(name)).toBe(value);
    expect(answer.headers.get("x-request-id")).toMatch(/^req_[0-9a-z]{26}$/);
    const text = await answer.text();
    if (answer.status >= 400) {
      expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(JSON.parse(text)).toMatchObject({ request_id: answer.headers.get("x-request-id") });
    }
    expect(text).not.toMatch(/boom|secret|\.ts|sig=/);
  }
});

test("logs what went wrong on our side, with the request's id", async () => {
  const yard = await startYard({ run: () => Promise.reject(new TypeError("boom")) });

  const answer = await fetch(yard.url + (await yard.link({ command: "/go" })));

  expect(answer.status).toBe(500);
  const fault = yard.logs.find(({ event }) => event === "http.fault");
  expect(fault).toMatchObject({ requestId: answer.headers.get("x-request-id") });
  expect(fault?.detail).toContain("boom");
});

test("writes one log line for a request, without query, token or body", async () => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });

  await (await fetch(yard.url + link, { method: "POST", body: "secret body" })).text();
  await (await fetch(`${yard.url}/api/v1/bots`, { headers: { authorization: `Bearer ${TOKEN}x` } })).text();

  const lines = yard.logs.filter(({ event }) => event === "http.request");
  expect(lines).toMatchObject([
    { method: "POST", path: "/v1/bots/77/new-webhook", status: 200, durationMs: 0 },
    { method: "GET", path: "/api/v1/bots", status: 401 },
  ]);
  expect(JSON.stringify(yard.logs)).not.toMatch(/sig|secret body|token/);
});

test("escapes markup in every answer", async () => {
  const echoing = await startYard({
    run: (trigger) =>
      ({ ...{ id: "run_1", state: "done", command: trigger.command }, answer: trigger.content }) as never,
  });

  const answer = await fetch(
    echoing.url + (await echoing.link({ command: "/go", content: "</script><b>&\u2028\u2029" })),
  );
  const notFound = await fetch(`${echoing.url}/%3Cscript%3Ealert(1)%3C/script%3E?q=<b>&callback=alert`);

  expect(await answer.text()).toBe('{"answer":"\\u003c/script\\u003e\\u003cb\\u003e\\u0026\\u2028\\u2029"}');
  expect(await notFound.text()).not.toMatch(/[<>&]|alert/);
});

test.each([
  ["both lengths", head("POST LINK HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n"],
  ["two lengths", head("POST LINK HTTP/1.1", "Content-Length: 5", "Content-Length: 6") + "hello"],
  ["a negative length", head("POST LINK HTTP/1.1", "Content-Length: -5") + "hello"],
  ["an unknown transfer coding", head("POST LINK HTTP/1.1", "Transfer-Encoding: xchunked") + "0\r\n\r\n"],
  ["chunked twice", head("POST LINK HTTP/1.1", "Transfer-Encoding: chunked, chunked") + "5\r\nhello\r\n0\r\n\r\n"],
  [
    "a tab before chunked and a coding behind it",
    head("POST LINK HTTP/1.1", "Transfer-Encoding:\tchunked, identity") + "0\r\n\r\n",
  ],
  ["bare line feeds", "GET LINK HTTP/1.1\nHost: a\n\n"],
  ["folded headers", head("GET LINK HTTP/1.1", "X-A: b\r\n folded")],
  ["a space before the colon", head("GET LINK HTTP/1.1", "X-A : b")],
  ["a chunk size with 0x", head("POST LINK HTTP/1.1", "Transfer-Encoding: chunked") + "0x5\r\nhello\r\n0\r\n\r\n"],
  [
    "a huge chunk extension",
    head("POST LINK HTTP/1.1", "Transfer-Encoding: chunked") + `5;${"a".repeat(20_000)}\r\nhello\r\n0\r\n\r\n`,
  ],
  ["no Host", "GET LINK HTTP/1.1\r\n\r\n"],
  ["two Hosts", head("GET LINK HTTP/1.1", "Host: b")],
  ["a NUL in a header", head("GET LINK HTTP/1.1", "X-A: b\0c")],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"],
])("refuses %s with 400, closes the connection and runs nothing", async (_, request) => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });

  expectRefusal(await exchange(yard.port, request.replace("LINK", link)), 400);
  expect(yard.runs).toEqual([]);
});

test.each([
  ["a query of 15 KB", `GET LINK&a=${"a".repeat(15_000)} HTTP/1.1`, 414],
  ["a query of more than 16 KB", `GET LINK&a=${"a".repeat(16 * 1024)} HTTP/1.1`, 431],
  ["100,000 parameters", `GET LINK${"&a".repeat(100_000)} HTTP/1.1`, 431],
])("refuses %s", async (_, line, status) => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });

  const { statuses } = await exchange(yard.port, head(line.replace("LINK", link), "Connection: close"));

  expect(statuses).toEqual([status]);
  expect(yard.runs).toEqual([]);
});

test("refuses headers of more than 16 KB in our own words", async () => {
  const { port } = await startYard();

  expectRefusal(await exchange(port, head("GET / HTTP/1.1", `X-A: ${"a".repeat(17_000)}`)), 431);
});

test.each(["foo", "TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "get"])(
  "answers the method %s on a link with 405 and Allow, and runs nothing",
  async (method) => {
    const yard = await startYard();
    const link = await yard.link({ command: "/go" });

    const { statuses, text } = await exchange(
      yard.port,
      head(`${method} ${link} HTTP/1.1`, "Connection: close", "X-Echo: me"),
    );

    expect(statuses).toEqual([405]);
    const [, allow = ""] = /\r\nallow: (.*)\r\n/i.exec(text) ?? [];
    expect(allow.split(", ").sort()).toEqual(["GET", "HEAD", "OPTIONS", "POST"]);
    expect(text).not.toContain("X-Echo");
    expect(yard.runs).toEqual([]);
  },
);

test("refuses a method that nobody knows on an address that nobody knows", async () => {
  const { port } = await startYard();

  expectRefusal(await exchange(port, head("FOO /nowhere HTTP/1.1")), 400);
});

test.each([
  "//v1/bots/77/new-webhook",
  "/./v1/bots/77/new-webhook",
  "/x/../v1/bots/77/new-webhook",
  "/v1/bots/77/new-webhook/",
  "/v1/bots//77/new-webhook",
  "/V1/bots/77/new-webhook",
  "/v1/bots/77/New-Webhook",
  "/v1/bots/77;x=1/new-webhook",
  "/v1/bots/77/new-webhook;x=1",
  "/v1/bots%2f77/new-webhook",
  "/v1/bots/%37%37/new-webhook",
  "/v1/bots/077/new-webhook",
  "/v1/bots/77.0/new-webhook",
  "/v1/bots\\77/new-webhook",
  "/v1/bots/77/new-webhook#",
  "/v1/bots/77/new-webhook%00",
  "/v1/bots/77/new-webhook%zz",
])("has one spelling of an address: not %s", async (path) => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });
  const target = path + link.slice(link.indexOf("?"));

  const { statuses, text } = await exchange(yard.port, head(`GET ${target} HTTP/1.1`, "Connection: close"));

  expect(statuses).toEqual([404]);
  expect(text).toContain("route_not_found");
  expect(yard.runs).toEqual([]);
});

test.each([
  ["a forged Host", (link: string) => head(`GET ${link} HTTP/1.1`).replace("Host: a", "Host: evil.test")],
  ["a Host with a user", (link: string) => head(`GET ${link} HTTP/1.1`).replace("Host: a", "Host: a:80@evil.test")],
  [
    "forwarded headers",
    (link: string) =>
      head(
        `GET ${link} HTTP/1.1`,
        "X-Forwarded-Host: evil.test",
        "X-Forwarded-Proto: http",
        "X-Forwarded-For: 1.1.1.1",
        "Forwarded: host=evil.test",
      ),
  ],
  ["an absolute target", (link: string) => head(`GET http://evil.test${link} HTTP/1.1`)],
])("names only its configured address, whatever %s says", async (_, request) => {
  const yard = await startYard();
  const text = request(await yard.link({ command: "/go" })).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

  const { statuses } = await exchange(yard.port, text);

  expect(statuses).toEqual([200]);
  const options = yard.runs[0]?.options;
  expect(options?.url).toMatch(new RegExp(`^${PUBLIC_URL}/v1/bots/77/new-webhook\\?command=`));
  expect(options?.ip).toBe("127.0.0.1");
});

test("takes the caller's address from a trusted proxy", async () => {
  const yard = await startYard({ trustedProxies: ["127.0.0.0/8"] });

  await fetch(yard.url + (await yard.link({ command: "/go" })), {
    headers: { "x-forwarded-for": "9.9.9.9, 203.0.113.9" },
  });

  expect(yard.runs[0]?.options?.ip).toBe("203.0.113.9");
});

test("refuses to become a websocket, and runs nothing", async () => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });

  const { statuses } = await exchange(
    yard.port,
    head(
      `GET ${link} HTTP/1.1`,
      "Connection: Upgrade, close",
      "Upgrade: websocket",
      "Sec-WebSocket-Key: a",
      "Sec-WebSocket-Version: 13",
    ),
  );

  expect(statuses).toEqual([400]);
  expect(yard.runs).toEqual([]);
});

test("declines HTTP/2 by answering in HTTP/1.1", async () => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });

  const { statuses, text } = await exchange(
    yard.port,
    head(
      `GET ${link} HTTP/1.1`,
      "Connection: Upgrade, HTTP2-Settings, close",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABk",
    ),
  );

  expect(statuses).toEqual([200]);
  expect(text).not.toMatch(/\r\nupgrade:/i);
});

test("answers 1,000 pipelined requests in order, and runs no more than 100 of them at once", async () => {
  let now = 0;
  let most = 0;
  const yard = await startYard({
    run: async (trigger) => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      return { id: "run_1", state: "done", command: "/go", answer: trigger.options?.params } as never;
    },
  });
  const link = await yard.link({ command: "/go" });
  const requests = Array.from({ length: 1000 }, (_, i) =>
    head(`GET ${link}&n=${i} HTTP/1.1`, `Connection: ${i === 999 ? "close" : "keep-alive"}`),
  );

  const { text, statuses } = await exchange(yard.port, requests.join(""));

  const numbers = [...text.matchAll(/"n":"([0-9]+)"/g)].map(([, n]) => Number(n));
  expect(statuses).toHaveLength(1000);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(most).toBeLessThanOrEqual(100);
});

test("refuses a declared body above the cap before it comes, and a chunked one as soon as it is above", async () => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });

  const declared = await exchange(yard.port, head(`POST ${link} HTTP/1.1`, `Content-Length: ${1024 * 1024 + 1}`));
  const chunk = `10000\r\n${"a".repeat(65_536)}\r\n`;
  const chunked = await exchange(
    yard.port,
    head(`POST ${link} HTTP/1.1`, "Transfer-Encoding: chunked"),
    chunk.repeat(17),
  );

  expectRefusal(declared, 413);
  expectRefusal(chunked, 413);
  expect(yard.runs).toEqual([]);
});

test("never writes a second answer into one that is on its way", async () => {
  const yard = await startYard();
  const socket = open(yard.port);
  const chunk = `10000\r\n${"a".repeat(65_536)}\r\n`;
  socket.write(head(`POST ${await yard.link({ command: "/go" })} HTTP/1.1`, "Transfer-Encoding: chunked"));
  socket.write(chunk.repeat(17));
  socket.once("data", () => socket.write("no chunk at all\r\n"));

  const { statuses } = await collect(socket);

  expect(statuses).toEqual([413]);
});

test("checks the signature before it reads a body", async () => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });

  expectRefusal(await exchange(yard.port, head(`POST ${link}x HTTP/1.1`, "Content-Length: 1000000")), 403);
});

test("gives its answer to a caller that is still sending", async () => {
  const yard = await startYard();

  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      fetch(yard.url + "/v1/bots/77/new-webhook", { method: "POST", body: Buffer.alloc(3 * 1024 * 1024) }),
    ),
  );

  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(413));
});

test("asks for the body of a cautious caller only when it wants it", async () => {
  const yard = await startYard();
  const link = await yard.link({ command: "/go" });
  const expecting = ["Expect: 100-continue", "Content-Length: 5", "Connection: close"];

  const refused = await exchange(yard.port, head(`POST ${link}x HTTP/1.1`, ...expecting));
  const wanted = open(yard.port);
  wanted.write(head(`POST ${link} HTTP/1.1`, ...expecting));
  wanted.once("data", () => wanted.write("hello"));
  const { statuses } = await collect(wanted);

  expect(refused.statuses).toEqual([403]);
  expect(statuses).toEqual([100, 200]);
  expect(yard.runs).toMatchObject([{ content: "hello" }]);
});

test("runs nothing for a body that breaks off", async () => {
  const yard = await startYard();
  const socket = open(yard.port);
  socket.end(head(`POST ${await yard.link({ command: "/go" })} HTTP/1.1`, "Content-Length: 5") + "he");

  await collect(socket);

  expect(yard.runs).toEqual([]);
});

test("closes a connection that sends its head too slowly", async () => {
  const { port } = await startYard({ times: { headersMs: 50, requestMs: 60, checkMs: 20 } });

  expectRefusal(await exchange(port, "GET / HTTP/1.1\r\nHost: "), 408);
});

test("closes a connection that sends its body too slowly, and runs nothing", async () => {
  const yard = await startYard({ times: { headersMs: 50, requestMs: 60, checkMs: 20 } });
  const link = await yard.link({ command: "/go" });

  expectRefusal(await exchange(yard.port, head(`POST ${link} HTTP/1.1`, "Content-Length: 5") + "he"), 408);
  expect(yard.runs).toEqual([]);
});

test("closes a connection whose caller does not read its answer", async () => {
  const yard = await startYard({
    times: { silenceMs: 100 },
    run: () => ({ id: "run_1", state: "done", command: "/go", answer: "a".repeat(32 * 1024 * 1024) }) as never,
  });
  const socket = open(yard.port);
  socket.pause();
  socket.write(head(`GET ${await yard.link({ command: "/go" })} HTTP/1.1`));

  await expect
    .poll(() => yard.logs.find(({ event }) => event === "http.request"), { timeout: 5_000 })
    .toMatchObject({
      aborted: true,
    });
});

test("says whether it is alive and whether its store answers", async () => {
  const yard = await startYard({ ready: () => Promise.resolve(false) });

  expect((await fetch(`${yard.url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${yard.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(ready.headers.get("retry-after")).toBe("30");
  expect(await ready.json()).toMatchObject({ error: { code: "storage_unavailable" } });
});

test("finishes what runs when it stops, and takes nothing more", async () => {
  let finish: (() => void) | undefined;
  const yard = await startYard({
    run: (trigger) =>
      new Promise((resolve) => {
        finish = () => {
          resolve({ id: "run_1", state: "done", command: trigger.command, answer: "late" } as never);
        };
      }),
  });
  const link = await yard.link({ command: "/go" });
  const socket = open(yard.port);
  socket.write(head(`GET ${link} HTTP/1.1`));
  await expect.poll(() => finish).toBeDefined();

  const other = open(yard.port);
  other.write(`GET ${link} HTTP/1.1\r\n`);
  await expect.poll(() => connections(yard)).toBe(2);

  const drained = yard.drain();
  other.write("Host: a\r\n\r\n");
  const answers = collect(socket);
  expectRefusal(await collect(other), 503);
  await expect(fetch(yard.url)).rejects.toThrow();
  finish?.();
  await drained;

  const { text, statuses } = await answers;
  expect(statuses[0]).toBe(200);
  expect(text).toContain('{"answer":"late"}');
  expect(text).toMatch(/\r\nconnection: close\r\n/i);
  expect(yard.runs).toHaveLength(1);
});

test("does not wait for idle connections and half requests when it stops", async () => {
  const yard = await startYard();
  const [idle, half] = [open(yard.port), open(yard.port)];
  idle.write(head("GET /healthz HTTP/1.1"));
  await new Promise((resolve) => idle.once("data", resolve));
  half.write("GET / HTTP/1.1\r\n");
  const ends = Promise.all([collect(idle), collect(half)]);

  await yard.drain();

  expect(await ends).toMatchObject([{ statuses: [] }, { statuses: [] }]);
});
