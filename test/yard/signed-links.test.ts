import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, openTestYard, type TestYard } from "./open.ts";

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard();
});
afterAll(() => yard.end());

test("a user's link with content and a redirect runs the command for that user and sends the caller on", async () => {
  const bot = await yard.bot({
    "/onWebhook": "Bot.sendMessage(user.first_name + ' says ' + content + ' in chat ' + chat.id)",
  });
  const user = await yard.user(bot);
  const link = await yard.makeLink(bot, {
    command: "/onWebhook",
    userId: user,
    content: "Did you see the cat?",
    redirectTo: "https://cats.example/cat",
  });

  const answer = await answerOf(link);

  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("https://cats.example/cat");
  const [run] = await yard.runs(bot);
  expect(run).toMatchObject({ state: "done", answer: "Ann says Did you see the cat? in chat 1", user_id: user });
});

test.each(["GET", "POST"])(
  "a global link re-enters a user with Bot.run, and its message is the answer (%s)",
  async (method) => {
    const bot = await yard.bot({
      "/global":
        "Bot.sendMessage('nobody: ' + typeof user); Bot.run({ command: '/pay ' + content, user_id: USER })".replace(
          "USER",
          "1",
        ),
      "/pay": "Bot.sendMessage(user.first_name + ' paid ' + params)",
    });
    await yard.user(bot);
    const link = await yard.makeLink(bot, { command: "/global", content: "5" });

    const answer = await answerOf(link, method === "POST" ? { method, body: "7" } : {});

    expect(answer.body).toEqual({ answer: method === "POST" ? "Ann paid 7" : "Ann paid 5" });
    const [run] = await yard.runs(bot);
    expect(run?.effects).toMatchObject([
      { kind: "sendMessage", text: "nobody: undefined", chat_id: null },
      { kind: "run", command: method === "POST" ? "/pay 7" : "/pay 5", user_id: 1 },
      { kind: "sendMessage", chat_id: 1 },
    ]);
    expect(run?.log).toMatchObject([{ level: "warn" }]);
  },
);

test("a script sees the call in options: url, method, params, headers in any letter case, ip", async () => {
  const bot = await yard.bot({
    "/show": `Bot.sendMessage(JSON.stringify({ m: options.method, p: options.params, h: [options.headers.Hmac, options.headers.hmac, options.headers["X-HUB-signature-256"]], ip: options.ip, url: options.url.indexOf("sig=") , keys: Object.keys(options.headers).includes("X-Hub-Signature-256") }))`,
  });
  const link = await yard.makeLink(bot, { command: "/show" });

  const answer = await answerOf(`${link}&a=1&b=query`, {
    method: "POST",
    headers: { "content-type": "application/json", hmac: "abc", "x-hub-signature-256": "sha256=1" },
    body: '{"b":"body","n":5}',
  });

  const shown = JSON.parse(answer.body.answer);
  expect(shown).toMatchObject({
    m: "POST",
    p: { a: "1", b: "body", n: 5 },
    h: ["abc", "abc", "sha256=1"],
    ip: "127.0.0.1",
    keys: true,
  });
});

test("of two messages the last is the answer; without a message the answer is null", async () => {
  const bot = await yard.bot({
    "/two": "Bot.sendMessage('first'); Bot.sendMessage('last')",
    "/none": "Bot.setProperty('seen', true)",
  });

  const two = await answerOf(await yard.makeLink(bot, { command: "/two" }));
  const none = await answerOf(await yard.makeLink(bot, { command: "/none" }));

  expect(two).toMatchObject({ status: 200, body: { answer: "last" } });
  expect(none).toMatchObject({ status: 200, body: { answer: null } });
});

test.each(["GET", "POST"])("a script that throws answers 503 and leaves nothing behind (%s)", async (method) => {
  const bot = await yard.bot({
    "/throws": "Bot.setProperty('a', 1); Bot.sendMessage('no');\nthrow new Error('secret text')",
  });
  const link = await yard.makeLink(bot, { command: "/throws", redirectTo: "https://a.example/" });

  const answer = await answerOf(link, { method });

  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("30");
  expect(answer.body.error.code).toBe("script_failed");
  expect(JSON.stringify(answer.body)).not.toContain("secret text");
  expect(await yard.catalog.properties(bot)).toEqual([]);
  const [run] = await yard.runs(bot);
  expect(run).toMatchObject({
    state: "failed",
    error: {
      code: "script_failed",
      message: "secret text",
      command: "/throws",
      file: "commands/c0.js",
      line: 5,
      column: 7,
    },
    effects: [{ kind: "setProperty" }, { kind: "sendMessage", text: "no" }],
  });
});

test("a link made with once runs once under fifty calls at one time; the rest hear that it was used", async () => {
  const bot = await yard.bot({ "/once": "Bot.setProperty('n', Bot.getProperty('n', 0) + 1)" });
  const link = await yard.makeLink(bot, { command: "/once", once: true });

  const answers = await Promise.all(Array.from({ length: 50 }, () => answerOf(link)));

  const counts = Map.groupBy(answers, ({ status }) => status);
  expect(counts.get(200)?.length).toBe(1);
  expect(counts.get(410)?.length).toBe(49);
  expect(counts.get(410)?.[0]?.body.error.code).toBe("link_used");
  expect(await yard.catalog.property(bot, null, "n")).toMatchObject({ value: 1 });
});

test("a once link whose script failed is not spent", async () => {
  const bot = await yard.bot({ "/once": "if (content === 'bad') throw 'bad'; Bot.sendMessage('done')" });
  const link = await yard.makeLink(bot, { command: "/once", once: true });

  const failed = await answerOf(link, { method: "POST", body: "bad" });
  const done = await answerOf(link, { method: "POST", body: "good" });

  expect([failed.status, done.status]).toEqual([503, 200]);
});
