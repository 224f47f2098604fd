import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, openTestYard, type TestYard } from "../yard/open.ts";
import { busiest } from "./busiest.ts";

const linux = process.platform === "linux" ? test : test.skip;

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard();
});
afterAll(() => yard.end());

linux(
  "a child killed by hand in the middle of a run: the caller gets 503, nothing is left behind, the next call is fine",
  async () => {
    const bot = await yard.bot({
      "/burn": "Bot.setProperty('a', 1); Bot.sendMessage('b'); Bot.runCommand('/after'); for (;;) {}",
      "/after": "Bot.setProperty('after', 1)",
      "/good": "Bot.sendMessage('good ' + Bot.getProperty('a', 'none'))",
    });
    const burning = answerOf(await yard.makeLink(bot, { command: "/burn" }));

    process.kill(await busiest(() => yard.childPids()), "SIGKILL");
    const lost = await burning;
    const next = await answerOf(await yard.makeLink(bot, { command: "/good" }));

    expect(lost).toMatchObject({ status: 503, body: { error: { code: "script_memory" } } });
    expect(lost.headers.get("retry-after")).not.toBe(null);
    expect(next.body).toEqual({ answer: "good none" });
    expect(await yard.catalog.properties(bot)).toEqual([]);
    expect(await yard.runs(bot)).toMatchObject([{ state: "done" }, { state: "failed", answer: null }]);
  },
);

linux("all children killed at once: calls are served again as soon as others have started", async () => {
  const bot = await yard.bot({ "/good": "Bot.sendMessage('good')" });
  const link = await yard.makeLink(bot, { command: "/good" });
  const before = yard.childPids();

  for (const pid of before) process.kill(pid, "SIGKILL");
  let answer = await answerOf(link);
  for (let tries = 0; answer.status === 503 && tries < 5; tries++) answer = await answerOf(link);

  expect(answer.body).toEqual({ answer: "good" });
  expect(yard.childPids().filter((pid) => before.includes(pid))).toEqual([]);
});

test("a script that is stopped is told of as one that ran past its limit, with nothing of its own words", async () => {
  const quick = await openTestYard({ limits: { runTimeoutMs: 300 } });
  const bot = await quick.bot({ "/loop": "Bot.sendMessage('secret'); for (;;) {}" });

  const answer = await answerOf(await quick.makeLink(bot, { command: "/loop" }));
  await quick.end();

  expect(answer).toMatchObject({ status: 503, body: { error: { code: "script_timeout" } } });
  expect(JSON.stringify(answer.body)).not.toContain("secret");
});
