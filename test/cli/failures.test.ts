import { createServer } from "node:http";
import { expect, test } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { createTerminal, openYard } from "./terminal.ts";

test("a server that is not there is named, with what to start, and ends with 3", async () => {
  const { server, url } = await answering(200, "{}");
  await new Promise((done) => server.close(done)); // its port is free now
  const type = createTerminal({ findServer: () => Promise.resolve({ url, token: undefined }) });

  const shown = await type("bots", "ls");

  expect(shown).toMatchObject({ exit: 3, out: "" });
  expect(shown.err).toContain(`no Botyard answers at ${url} (ECONNREFUSED): start one with npm start`);
});

test.each([
  ["a page", 502, "<html>"],
  ["an error of another shape", 500, '{"message":"no"}'],
  ["an answer of another shape", 200, '{"cats":[]}'],
  ["nothing", 200, ""],
])("a server that answers %s is none of ours and ends with 3", async (_what, status, body) => {
  const { server, url } = await answering(status, body);
  const type = createTerminal({ findServer: () => Promise.resolve({ url, token: "t" }) });

  const shown = await type("bots", "ls");
  server.close();

  expect(shown).toEqual({ exit: 3, out: "", err: `error: what answers at ${url} is no Botyard (status ${status})\n` });
});

test("the token does not follow a redirect", async () => {
  const { server, url } = await answering(307, "", { location: "http://127.0.0.1:9/" });
  const type = createTerminal({ findServer: () => Promise.resolve({ url, token: "t" }) });

  const shown = await type("bots", "ls");
  server.close();

  expect(shown.exit).toBe(3);
});

test("a wrong token ends with 4, and a missing one says where to look", async () => {
  const yard = await openYard();
  const terminal = (token: string | undefined) =>
    yard.terminal({ findServer: () => Promise.resolve({ url: yard.url, token }) });

  const wrong = await terminal("hunter2")("bots", "ls");
  const missing = await terminal(undefined)("bots", "ls");
  const odd = await terminal("hunter2\n")("bots", "ls");
  await yard.close();

  expect([wrong, missing, odd].map(({ exit }) => exit)).toEqual([4, 4, 4]);
  expect(wrong.err).toContain("does not know this token");
  expect(missing.err).toContain("none was found");
  expect(wrong.err + odd.err).not.toContain("hunter2");
});

test("a token file that cannot be used ends with 4 and its sentence", async () => {
  const type = createTerminal({
    findServer: () => Promise.reject(new AppError("storage_unavailable", "chmod 600 it")),
  });

  expect(await type("bots", "ls")).toEqual({ exit: 4, out: "", err: "error: chmod 600 it\n" });
});

test("a wrong address ends with 2 and its sentence", async () => {
  const type = createTerminal({ findServer: () => Promise.resolve({ sentence: "BOTYARD_URL must be …" }) });

  expect(await type("bots", "ls")).toEqual({ exit: 2, out: "", err: "error: BOTYARD_URL must be …\n" });
});

test("a folder that cannot be read ends with 1 before anything is sent", async () => {
  const type = createTerminal({
    readSource: () => Promise.reject(new AppError("import_invalid", "demo is not a folder")),
  });

  expect(await type("import", "demo")).toEqual({ exit: 1, out: "", err: "error: demo is not a folder\n" });
});

test.each([
  ["conflict", 409],
  ["run_conflict", 503],
])("%s ends with 5", async (code, status) => {
  const { server, url } = await answering(status, JSON.stringify({ error: { code, message: "meanwhile" } }));
  const type = createTerminal({ findServer: () => Promise.resolve({ url, token: "t" }) });

  const shown = await type("bots", "ls");
  server.close();

  expect(shown).toEqual({ exit: 5, out: "", err: "error: meanwhile\n" });
});

test("with --json an error is JSON as well, beside the result and not in it", async () => {
  const { server, url } = await answering(404, '{"error":{"code":"run_not_found","message":"no such run"}}');
  const type = createTerminal({ findServer: () => Promise.resolve({ url, token: "t" }) });

  const shown = await type("runs", "show", "run_1", "--json");
  server.close();

  expect(shown.out).toBe("");
  expect(JSON.parse(shown.err)).toEqual({ error: { code: "run_not_found", message: "no such run" } });
});

test.each([
  [["frobnicate"]],
  [["bots"]],
  [["bots", "show", "x"]],
  [["bots", "show", "1", "--bot", "2"]],
  [["users", "ls", "--bot", "01"]],
  [["users", "ls", "--bot", "1e3"]],
  [["users", "add", "--telegramid", "-5"]],
  [["url"]],
  [["url", "/a", "--exp", "0"]],
  [["url", "/a", "--user", "9007199254740993"]],
  [["run", "/a", "--options", "[1]"]],
  [["run", "/a", "--options", "{"]],
  [["runs", "show", "7"]],
  [["runs", "ls", "--limit", "0"]],
  [["props", "get", ".."]],
  [["props", "set", "x", "{", "--type", "json", "--bot", "1"]],
  [["keys", "rotate", "--overlap", "-1"]],
  [["import"]],
  [["bots", "ls", "--what"]],
  [[]],
])("%j is a matter of usage: 2, without a call", async (words) => {
  const calls: string[] = [];
  const type = createTerminal({
    fetch: (url) => {
      calls.push(url);
      return Promise.reject(new Error("called"));
    },
  });

  const shown = await type(...words);

  expect(shown).toMatchObject({ exit: 2, out: "" });
  expect(shown.err).not.toBe("");
  expect(calls).toEqual([]);
});

test("help and version end with 0; help tells of exit codes and the environment", async () => {
  const type = createTerminal({});

  const help = await type("--help");
  const version = await type("--version");

  expect(help.exit).toBe(0);
  for (const word of ["serve", "import", "keys", "Exit codes", "PORT"]) expect(help.out).toContain(word);
  expect(version).toEqual({ exit: 0, out: "1.2.3\n", err: "" });
});

test("serve runs the server and ends with its code", async () => {
  expect((await createTerminal({ serve: () => Promise.resolve(1) })("serve")).exit).toBe(1);
});

async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const server = createServer((_, response) => {
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, url: `http://127.0.0.1:${address.port}` };
}
