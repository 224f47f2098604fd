import { expect, test } from "vitest";
import { code, codeOf, command } from "../catalog/yard.ts";
import { breathe } from "../store/harness.ts";
import { failure, gate, integer, openFlow, readAs, type Script } from "./open.ts";

/** Adds one to a property of the bot. */
const addOne: Script = async (host, job) => {
  const { value, touched } = await readAs(host, job, null, "n");
  await breathe();
  return { touched, answer: String(value + 1), writes: new Map([["b/n", integer(value + 1)]]) };
};

test("a run makes its writes and its record stand, and answers with the record", async () => {
  const yard = await openFlow({
    "/start": () =>
      Promise.resolve({
        answer: "hi",
        effects: [{ kind: "sendMessage", by: "/start", chat_id: null, text: "hi" }],
        writes: new Map([["b/a", integer(1)]]),
        log: [{ level: "info", text: "l", command: "/start" }],
      }),
  });

  const record = await yard.run({ command: "/start x", source: "link", content: "c" });

  expect(record).toMatchObject({
    state: "done",
    source: "link",
    command: "/start x",
    answer: "hi",
    error: null,
    tries: 1,
    user_id: null,
    bot_id: yard.bot.id,
  });
  expect(record.started_at).toBe("2026-01-01T00:00:00.000Z");
  expect(await yard.value("a")).toBe(1);
  expect(await yard.records()).toEqual([record]);
  expect(yard.lines).toMatchObject([{ event: "run", runId: record.id, outcome: "done", effects: 1, tries: 1 }]);
});

test("the script gets the user, the private chat, and what came with the call", async () => {
  const seen: unknown[] = [];
  const yard = await openFlow({
    "/start": (_, { user, chat, message, content, options, fromHttp, resolved }) => {
      seen.push([
        user?.first_name,
        chat?.user_id,
        message,
        content,
        options,
        fromHttp,
        resolved.kind === "command" && resolved.params,
      ]);
      return Promise.resolve({});
    },
  });
  const { user } = await yard.catalog.addUser(yard.bot.id, { first_name: "Ann" });

  await yard.run({ userId: user.id, command: "/start a b", content: "c", options: { x: 1 }, source: "link" });
  await yard.run({ message: "what I typed" });

  expect(seen).toEqual([
    ["Ann", user.id, "/start a b", "c", { x: 1 }, true, "a b"],
    [undefined, undefined, "what I typed", "", null, false, ""],
  ]);
});

test("a failed run leaves its record and nothing else", async () => {
  const yard = await openFlow({
    "/start": () =>
      Promise.resolve({
        ...failure(),
        effects: [{ kind: "deleteProperty", by: "/start", user_id: null, name: "a" }],
        writes: new Map([["b/a", integer(1)]]),
      }),
  });

  const record = await yard.run();

  expect(record).toMatchObject({ state: "failed", error: { message: "no" }, effects: [{ kind: "deleteProperty" }] });
  expect(await yard.value("a")).toBeUndefined();
  expect(await yard.records()).toEqual([record]);
  expect(yard.lines).toMatchObject([
    { event: "run", outcome: "failed", code: "script_failed", at: "commands/start.js:1" },
  ]);
});

test.each([
  ["command_unknown", { command: "/none" }],
  ["command_unknown", { command: "" }],
  ["user_unknown", { userId: 99 }],
  ["bot_not_found", { botId: 99 }],
])("%s: nothing runs, and no record is kept", async (expected, trigger) => {
  const yard = await openFlow({ "/start": () => Promise.reject(new Error("it ran")) });

  expect(await codeOf(yard.run(trigger))).toBe(expected);
  expect(await yard.records()).toEqual([]);
  expect(yard.lines).toMatchObject([{ event: "run.refused", code: expected }]);
});

test("a text that was spelt another way is told in the log", async () => {
  const yard = await openFlow({
    "/start": () => Promise.resolve({ log: [{ level: "info", text: "own", command: "/start" }] }),
  });

  const record = await yard.run({ command: "/START" });

  expect(record.log.map(({ level }) => level)).toEqual(["warn", "info"]);
});

test("a script makes links of its own bot", async () => {
  const yard = await openFlow({ "/start": async (host) => ({ answer: await host.makeLink({ command: "/a" }) }) });

  expect((await yard.run()).answer).toBe(`link of bot ${yard.bot.id} to /a`);
});

test("what a run had read has changed: it runs again, and what it reported is forgotten", async () => {
  const begun = gate();
  const goOn = gate();
  let tries = 0;
  const yard = await openFlow({
    "/start": async (host, job) => {
      const { value, touched } = await readAs(host, job, null, "n");
      if (++tries === 1) {
        begun.open();
        await goOn.passed;
      }
      return {
        touched,
        answer: `n is ${value}`,
        log: [{ level: "info", text: `try ${tries}`, command: "/start" }],
        writes: new Map([[`b/saw${value}`, integer(value)]]),
      };
    },
  });

  const running = yard.run();
  await begun.passed;
  await yard.catalog.setProperty(yard.bot.id, null, "n", 7);
  goOn.open();
  const record = await running;

  expect(record).toMatchObject({ answer: "n is 7", tries: 2, log: [{ text: "try 2" }] });
  expect(await yard.value("saw0")).toBeUndefined();
  expect(await yard.value("saw7")).toBe(7);
  expect(await yard.records()).toHaveLength(1);
});

test("a name that was missing is a read too, of a user as well", async () => {
  const begun = gate();
  const goOn = gate();
  const yard = await openFlow({
    "/start": async (host, { tries }) => {
      const found = await host.user({ telegramid: 555 });
      if (tries === 1) {
        begun.open();
        await goOn.passed;
      }
      return { answer: found?.first_name ?? "nobody" };
    },
  });

  const running = yard.run();
  await begun.passed;
  await yard.catalog.addUser(yard.bot.id, { telegramid: 555, first_name: "Eve" });
  goOn.open();

  expect((await running).answer).toBe("Eve");
});

test("a failure is only believed if what led to it still stands", async () => {
  const begun = gate();
  const goOn = gate();
  const yard = await openFlow({
    "/start": async (host, { tries }) => {
      const text = await host.property(null, "n");
      if (tries === 1) {
        begun.open();
        await goOn.passed;
      }
      return text === null ? failure("there is no n") : { answer: "fine" };
    },
  });

  const running = yard.run();
  await begun.passed;
  await yard.catalog.setProperty(yard.bot.id, null, "n", 1);
  goOn.open();

  expect(await running).toMatchObject({ state: "done", answer: "fine", tries: 2 });
});

test("a hundred runs at one time that add one make a hundred, however often they met", async () => {
  const yard = await openFlow({ "/start": addOne });

  const records = await Promise.all(Array.from({ length: 100 }, () => yard.run()));

  expect(await yard.value("n")).toBe(100);
  expect(new Set(records.map(({ answer }) => Number(answer)))).toEqual(
    new Set(Array.from({ length: 100 }, (_, i) => i + 1)),
  );
});

test("another bot's property is a plain read: its change makes nothing run again", async () => {
  const begun = gate();
  const goOn = gate();
  const yard = await openFlow({
    "/start": async (host) => {
      const text = await host.foreignProperty(other.id, "n");
      begun.open();
      await goOn.passed;
      return { answer: text };
    },
  });
  const other = await yard.catalog.storeBot(code([command("/a")]));
  await yard.catalog.setProperty(other.id, null, "n", 1);

  const running = yard.run();
  await begun.passed;
  await yard.catalog.setProperty(other.id, null, "n", 2);
  goOn.open();

  expect(await running).toMatchObject({ tries: 1, answer: integer(1) });
});

/** A change that comes while a script runs for the first time. */
async function changedWhileRunning(
  change: (yard: Awaited<ReturnType<typeof openFlow>>, userId: number) => Promise<unknown>,
) {
  const begun = gate();
  const goOn = gate();
  const yard = await openFlow({
    "/start": async (_, { tries, bot }) => {
      if (tries === 1) {
        begun.open();
        await goOn.passed;
      }
      return { answer: `version ${bot.meta.version}`, writes: new Map([["b/a", integer(tries)]]) };
    },
  });
  const { user } = await yard.catalog.addUser(yard.bot.id, {});
  const running = yard.run({ userId: user.id });
  running.catch(() => undefined);
  await begun.passed;
  await change(yard, user.id);
  goOn.open();
  return { yard, running };
}

test("a bot that is deleted while its script runs: the run does not commit", async () => {
  const { yard, running } = await changedWhileRunning(({ catalog, bot }) => catalog.deleteBot(bot.id));

  expect(await codeOf(running)).toBe("bot_not_found");
  expect(await yard.records()).toEqual([]);
  expect([...(await yard.values(yard.bot.id)).keys()].filter((key) => key.startsWith("p/"))).toEqual([]);
});

test("a bot that is switched off while its script runs: the run does not commit", async () => {
  const { yard, running } = await changedWhileRunning(({ catalog, bot }) =>
    catalog.changeBot(bot.id, { disabled: true }),
  );

  expect(await codeOf(running)).toBe("bot_disabled");
  expect(await yard.value("a")).toBeUndefined();
  await yard.catalog.changeBot(yard.bot.id, { disabled: false });
  expect((await yard.run()).state).toBe("done");
});

test("a user who is deleted while the script runs: the run does not commit", async () => {
  const { yard, running } = await changedWhileRunning(({ catalog, bot }, userId) => catalog.deleteUser(bot.id, userId));

  expect(await codeOf(running)).toBe("user_unknown");
  expect(await yard.value("a")).toBeUndefined();
});

test("code that is imported while the script runs: it runs again, with the new code", async () => {
  const { running } = await changedWhileRunning(({ catalog, bot }) =>
    catalog.storeBot(code([command("/start", "// new")]), bot.id),
  );

  expect(await running).toMatchObject({ tries: 2, answer: "version 2" });
});

const once = { kid: "k1", nonce: "abc" };

test("a once link is spent by the run that commits, one of many at one time", async () => {
  const yard = await openFlow({ "/start": addOne });

  const ends = await Promise.all(Array.from({ length: 20 }, () => codeOf(yard.run({ once }))));

  expect(ends.filter((end) => end === "no error")).toHaveLength(1);
  expect(ends.filter((end) => end === "link_used")).toHaveLength(19);
  expect(await yard.value("n")).toBe(1);
  expect(await codeOf(yard.run({ once: { kid: "k1", nonce: "other" } }))).toBe("no error");
});

test("a once link whose script failed is not spent", async () => {
  let fails = true;
  const yard = await openFlow({ "/start": () => Promise.resolve(fails ? failure() : {}) });

  expect((await yard.run({ once })).state).toBe("failed");
  fails = false;
  expect((await yard.run({ once })).state).toBe("done");
  expect(await codeOf(yard.run({ once }))).toBe("link_used");
});

test("a key runs once: repeats, at one time or later, get the first record", async () => {
  const yard = await openFlow({ "/start": addOne });

  const records = await Promise.all(Array.from({ length: 20 }, () => yard.run({ idempotencyKey: "pay_1" })));
  const later = await yard.run({ idempotencyKey: "pay_1" });

  expect(new Set([...records, later].map(({ id }) => id)).size).toBe(1);
  expect(await yard.value("n")).toBe(1);
  expect(await yard.records()).toHaveLength(1);
});

test("a key whose run failed may be called again", async () => {
  let fails = true;
  const yard = await openFlow({ "/start": () => Promise.resolve(fails ? failure() : { answer: "done" }) });

  const first = await yard.run({ idempotencyKey: "pay_1" });
  fails = false;
  const second = await yard.run({ idempotencyKey: "pay_1" });

  expect([first.state, second.state]).toEqual(["failed", "done"]);
  expect(await yard.run({ idempotencyKey: "pay_1" })).toEqual(second);
});

test("what the host could not answer is thrown on, and nothing stands", async () => {
  const yard = await openFlow({
    "/start": async (host) => {
      await host.property(null, "n");
      throw new Error("the store is away");
    },
  });

  await expect(yard.run()).rejects.toThrow("the store is away");
  expect(await yard.records()).toEqual([]);
});
