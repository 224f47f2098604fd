import { once } from "node:events";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnConfined } from "../../src/run/child-process.ts";
import { busiest, statOf } from "./busiest.ts";
import { openYard, type TestYard } from "./yard.ts";

/** All of this is what Linux tells of a process. */
const linux = process.platform === "linux" ? test : test.skip;

interface Told {
  results: [what: string, outcome: string][];
  env: Record<string, string>;
}

describe("a program in the place of the sandbox's own", () => {
  let told: Told;
  beforeAll(async () => {
    const child = spawnConfined(fileURLToPath(new URL("captive.js", import.meta.url)));
    if (!child.stdout) throw new Error("no pipe");
    told = JSON.parse(await text(child.stdout)) as Told;
  });

  test("can do nothing of what it tries", () => {
    expect(told.results.length).toBeGreaterThan(10);
    expect(told.results.filter(([, outcome]) => !outcome.startsWith("refused: ERR_"))).toEqual([]);
  });

  test("finds nothing in its environment but a time zone and a language", () => {
    expect(told.env).toEqual({ TZ: "UTC", LANG: "en_US.UTF-8" });
  });
});

describe("a sandbox process", () => {
  let yard: TestYard;
  let pids: number[];
  beforeAll(async () => {
    yard = openYard();
    const outcome = await yard.script("Bot.sendMessage('ready')");
    expect(outcome.answer).toBe("ready");
    pids = yard.sandbox.pids();
  });
  afterAll(() => {
    yard.close();
  });
  const of = (pid: number | undefined, file: string): string => readFileSync(`/proc/${pid}/${file}`, "utf8");

  linux("has no open file: its two pipes, an empty error stream, and what the engine makes for itself", () => {
    for (const pid of pids) {
      const links = readdirSync(`/proc/${pid}/fd`).map(
        (fd) => [Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`)] as const,
      );
      const others = links.filter(([, link]) => !/^anon_inode:|^pipe:/.test(link));

      expect(others.filter(([fd]) => fd > 2).filter(([, link]) => link !== "/dev/null")).toEqual([]);
      expect(others.filter(([, link]) => link.startsWith("socket:")).map(([fd]) => fd)).toEqual([0, 1]);
    }
  });

  linux("has no environment but a time zone and a language", () => {
    const names = of(pids[0], "environ").split("\0").filter(Boolean);

    expect(names.sort()).toEqual(["LANG=en_US.UTF-8", "TZ=UTC"]);
  });

  linux("writes no core file, is the first to go when memory is short, and has a bound of processor time", () => {
    const limits = of(pids[0], "limits");

    expect(limits).toMatch(/^Max core file size +0 /m);
    expect(limits).toMatch(/^Max cpu time +900 /m);
    expect(of(pids[0], "oom_score_adj").trim()).toBe("1000");
  });

  linux("runs scripts at a lower priority than the server, each thread of it", async () => {
    const running = yard.script("for (const begun = Date.now(); Date.now() - begun < 500; );");
    const pid = await busiest(() => yard.sandbox.pids());
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => statOf(`${pid}/task/${thread}`).nice);
    await running;

    expect(threads.length).toBeGreaterThan(1);
    expect(threads.filter((nice) => nice <= statOf("self").nice)).toEqual([]);
  });

  linux("has no inspector, and may load no code but the engine's", () => {
    const args = of(pids[0], "cmdline").split("\0").filter(Boolean);
    const readable = args.filter((arg) => arg.startsWith("--allow-fs-read="));

    expect(args).toContain("--permission");
    expect(args.filter((arg) => /inspect|allow-fs-write|allow-child|allow-worker|allow-wasi/.test(arg))).toEqual([]);
    expect(
      readable.every((arg) => /child\.js$|package\.json$|isolated-vm$|node-gyp-build$|alpine-release$/.test(arg)),
    ).toBe(true);
  });

  linux("that is killed by hand in the middle of a run fails that run and no other", async () => {
    const running = yard.script("Bot.setProperty('a', 1); for (;;) {}");
    const busy = await busiest(() => yard.sandbox.pids());
    process.kill(busy, "SIGKILL");
    const outcome = await running;
    const next = await yard.script("Bot.sendMessage('next')");

    expect(outcome.error?.code).toBe("script_memory"); // a SIGKILL that is not ours is the kernel's, short of memory
    expect(outcome.answer).toBe(null);
    expect(next).toMatchObject({ error: null, answer: "next" });
  });

  linux("whose parent is gone ends", async () => {
    const child = spawnConfined(fileURLToPath(new URL("../../src/run/child.js", import.meta.url)));
    child.stdin?.end();

    const [code] = (await once(child, "exit")) as [number];

    expect(code).toBe(0);
  });
});
