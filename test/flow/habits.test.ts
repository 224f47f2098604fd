import { expect, test } from "vitest";
import type { RunJob } from "../../src/core/outcome.ts";
import { gate, integer, openFlow, readAs, type Script } from "./open.ts";

const ahead = async (job: RunJob): Promise<string[]> => [...(await job.prefetch()).keys()].sort();

test("what a command read last time is read ahead, and not asked for again", async () => {
  const seen: { ahead: boolean; value: number }[] = [];
  const yard = await openFlow({
    "/start": async (host, job) => {
      const { value, ahead, touched } = await readAs(host, job, null, "n");
      seen.push({ ahead, value });
      return { touched };
    },
  });
  await yard.catalog.setProperty(yard.bot.id, null, "n", 5);

  await yard.run();
  await yard.catalog.setProperty(yard.bot.id, null, "n", 6);
  await yard.run();

  expect(seen).toEqual([
    { ahead: false, value: 5 },
    { ahead: true, value: 6 },
  ]);
});

test("a user's property is read ahead for whoever calls, and for nobody where nobody does", async () => {
  const seen: string[][] = [];
  const yard = await openFlow({
    "/start": async (host, job) => {
      seen.push(await ahead(job));
      if (job.user) await host.property(job.user.id, "score");
      await host.property(null, "title");
      return {};
    },
  });
  const ann = (await yard.catalog.addUser(yard.bot.id, {})).user.id;
  const bob = (await yard.catalog.addUser(yard.bot.id, {})).user.id;

  await yard.run({ userId: ann });
  await yard.run({ userId: bob });
  await yard.run();

  expect(seen).toEqual([[], [`${bob}/score`, "b/title"].sort(), ["b/title"]]);
});

test("other users' properties are no habit", async () => {
  const seen: string[][] = [];
  const yard = await openFlow({
    "/start": async (host, job) => {
      seen.push(await ahead(job));
      await host.property(99, "score");
      return {};
    },
  });

  await yard.run();
  await yard.run();

  expect(seen).toEqual([[], []]);
});

test("each command has its own habits, and new code starts with none", async () => {
  const seen: string[][] = [];
  const look: Script = async (host, job) => {
    seen.push(await ahead(job));
    await host.property(null, job.resolved.kind === "command" ? job.resolved.command.name : "");
    return {};
  };
  const yard = await openFlow({ "/a": look, "/b": look });

  for (const command of ["/a", "/b", "/a"]) await yard.run({ command });
  await yard.catalog.changeBot(yard.bot.id, { disabled: true });
  await yard.catalog.changeBot(yard.bot.id, { disabled: false }); // settings count as a new version
  await yard.run({ command: "/a" });

  expect(seen).toEqual([[], [], ["b//a"], []]);
});

/** Runs once to learn, then once more while somebody changes the property that was read ahead. */
async function changedMeanwhile(reads: boolean) {
  const begun = gate();
  const goOn = gate();
  let runs = 0;
  const yard = await openFlow({
    "/start": async (host, job) => {
      if (++runs === 1) {
        await host.property(null, "n");
        return {};
      }
      const { value, touched } = await readAs(host, job, null, "n");
      if (runs === 2) {
        begun.open();
        await goOn.passed;
      }
      return { answer: String(value), touched: reads ? touched : new Set(), writes: new Map([["b/m", integer(1)]]) };
    },
  });
  await yard.run();
  const running = yard.run();
  await begun.passed;
  await yard.catalog.setProperty(yard.bot.id, null, "n", 7);
  goOn.open();
  return running;
}

test("what was read ahead and used is a read: when it changes, the run is repeated", async () => {
  expect(await changedMeanwhile(true)).toMatchObject({ tries: 2, answer: "7" });
});

test("what was read ahead and not used is none", async () => {
  expect(await changedMeanwhile(false)).toMatchObject({ tries: 1, answer: "0" });
});

test("no more than 64 names are learned", async () => {
  let last: string[] = [];
  const yard = await openFlow({
    "/start": async (host, job) => {
      last = await ahead(job);
      for (let i = 0; i < 100; i++) await host.property(null, `p${i}`);
      return {};
    },
  });

  await yard.run();
  await yard.run();

  expect(last).toHaveLength(64);
});
