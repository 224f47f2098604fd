import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { killRounds } from "../../scripts/kill-rounds.ts";
import { adminToken, callApi, type ServerProcess, startServer } from "../../scripts/server-process.ts";

const folders: string[] = [];
const servers: ServerProcess[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "botyard-process-"));
  folders.push(made);
  return made;
};
const start = async (dataDir: string, env: Record<string, string> = {}) => {
  const server = await startServer(dataDir, env);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.process.kill("SIGKILL");
    await server.ended;
  }
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

test("an empty data folder gets a demo bot, and the printed link runs its script", async () => {
  const dataDir = join(folder(), "data");

  const server = await start(dataDir);

  const link = /http:\S+new-webhook\S+/.exec(server.said())?.[0] ?? "";
  const first = (await (await fetch(link)).json()) as { answer: string };
  const second = (await (await fetch(link, { method: "POST", body: "x" })).json()) as { answer: string };
  expect(first.answer).toMatch(/Ada/);
  expect(second.answer).not.toBe(first.answer);
  expect(statSync(join(dataDir, "admin-token")).mode & 0o777).toBe(0o600);
  expect(server.said()).not.toContain(adminToken(dataDir));
});

test("a second start finds what the first one kept, and makes no second demo bot", async () => {
  const dataDir = folder();
  const first = await start(dataDir);
  first.process.kill("SIGTERM");
  await first.ended;

  const second = await start(dataDir);

  const { bots } = (await callApi(second, { token: adminToken(dataDir), path: "/bots" })) as { bots: unknown[] };
  expect(bots.length).toBe(1);
  expect(second.said()).not.toContain("new-webhook");
});

test("SIGTERM lets a run end and answers its caller, then the server ends with code 0", async () => {
  const dataDir = folder();
  const server = await start(dataDir);
  const token = adminToken(dataDir);
  const body = { files: botFiles("const t = Date.now(); while (Date.now() - t < 800); Bot.sendMessage('done')") };
  const { bot } = (await callApi(server, { token, method: "POST", path: "/bots", body })) as { bot: { id: number } };
  const wish = { command: "/slow" };
  const made = await callApi(server, { token, method: "POST", path: `/bots/${bot.id}/links`, body: wish });
  const answer = fetch((made as { url: string }).url);
  await new Promise((done) => setTimeout(done, 200));

  server.process.kill("SIGTERM");

  expect(await (await answer).json()).toEqual({ answer: "done" });
  expect(await server.ended).toBe(0);
});

test("a second signal ends the server at once", async () => {
  const dataDir = folder();
  const server = await start(dataDir, { RUN_TIMEOUT_MS: "20000" });
  const token = adminToken(dataDir);
  const body = { files: botFiles("for (;;);") };
  const { bot } = (await callApi(server, { token, method: "POST", path: "/bots", body })) as { bot: { id: number } };
  const made = await callApi(server, {
    token,
    method: "POST",
    path: `/bots/${bot.id}/links`,
    body: { command: "/slow" },
  });
  const answer = fetch((made as { url: string }).url).catch(() => "cut off");
  await new Promise((done) => setTimeout(done, 200));

  server.process.kill("SIGTERM");
  await until(() => server.said().includes("Stopping"));
  server.process.kill("SIGTERM");

  expect(await server.ended).toBe(1);
  expect(await answer).toBe("cut off");
});

test("a second server on the same data folder is refused with a sentence that names it", async () => {
  const dataDir = folder();
  const first = await start(dataDir);

  const second = await start(dataDir);

  expect(await second.ended).toBe(1);
  expect(second.said()).toContain(dataDir);
  expect(second.said()).toContain(String(first.process.pid));
  expect(first.process.exitCode).toBeNull();
});

test("a taken port is a sentence that names it", async () => {
  const first = await start(folder());
  const port = new URL(first.url).port;

  const second = await start(folder(), { PORT: port });

  expect(await second.ended).toBe(1);
  expect(second.said()).toContain(`port ${port}`);
});

test("a wrong variable stops the start with a sentence that names it and what is allowed", async () => {
  const server = await start(folder(), { RUN_TIMEOUT_MS: "soon" });

  expect(await server.ended).toBe(2);
  expect(server.said()).toContain('RUN_TIMEOUT_MS is "soon"');
  expect(server.said()).toContain("25000");
});

test("a data folder that cannot be made is a sentence, not a stack", async () => {
  const file = join(folder(), "a-file");
  writeFileSync(file, "");

  const server = await start(join(file, "data"));

  expect(await server.ended).toBe(1);
  expect(server.said()).toContain(join(file, "data"));
  expect(server.said()).not.toMatch(/\n\s+at /);
});

test("the sandbox processes end with the server, even when it is killed", async () => {
  const server = await start(folder(), { SANDBOX_PROCESSES: "1" });
  const children = childrenOf(server.process.pid ?? 0);

  server.process.kill("SIGKILL");
  await server.ended;

  expect(children.length).toBe(2);
  await until(() => children.every((pid) => !isAlive(pid)));
});

test("five rounds of kill -9 under load lose no acknowledged run and apply none twice", async () => {
  const report = await killRounds({ dir: folder(), rounds: 5, random: Math.random });

  expect(report).toMatchObject({ rounds: 5, lost: 0, twice: 0, failedStarts: 0 });
  expect(report.acknowledged).toBeGreaterThan(0);
}, 90_000);

function botFiles(code: string) {
  return [
    { path: "bot.json", text: '{"bb_sync_version":"1.0","name":"slow","git_remote":null,"csv_url":null}' },
    { path: "commands/_slow.js", text: `/*CMD\n  command: /slow\nCMD*/\n${code}` },
  ];
}

/** Processes whose parent this is; on Linux only, as these tests are. */
function childrenOf(parent: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ");
      return Number(fields?.[1]) === parent ? [Number(name)] : [];
    } catch {
      return []; // it ended while we looked
    }
  });
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z");
  } catch {
    return false;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 20));
}
