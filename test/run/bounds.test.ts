import { afterAll, beforeAll, expect, test } from "vitest";
import { botOf, command, openYard, type TestYard, texts } from "./yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

const property = (v: unknown): string => JSON.stringify({ v, t: "json" });

test("an Answer that names a large property again and again is refused before it is built", async () => {
  const bot = botOf([command("/start", "", { answer: "<big>".repeat(800) })]);

  const outcome = await yard.run(bot, { properties: new Map([["b/big", property("x".repeat(250_000))]]) });

  expect(outcome).toMatchObject({ error: { code: "limit_bytes" }, effects: [] });
});

test("an Answer that names many large properties is refused at the first that is too much", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `p${i}`);
  const bot = botOf([command("/start", "", { answer: names.map((name) => `<${name}>`).join("") })]);
  yard.asked.length = 0;

  const outcome = await yard.run(bot, {
    properties: new Map(names.map((name) => [`b/${name}`, property("x".repeat(40_000))])),
  });

  expect(outcome.error?.code).toBe("limit_bytes");
  expect(yard.asked.length).toBeLessThan(10);
});

test("the properties that an Answer names count as reads of the run", async () => {
  const names = Array.from({ length: 900 }, (_, i) => `<${i}>`);
  const bot = botOf([command("/start", "", { answer: names.join("") })]);

  const outcome = await yard.run(bot);

  expect(outcome.error?.code).toBe("limit_reads"); // each is looked for with the user and with the bot
});

test("sub-commands find what the run has read, though too much to be sent along is asked for again", async () => {
  const big = "x".repeat(200_000);
  const script = "Bot.sendMessage([1, 2, 3, 4, 5].map((i) => Bot.getProperty('p' + i).length).join())";
  const properties = new Map([1, 2, 3, 4, 5].map((i) => [`b/p${i}`, property(big)]));
  yard.asked.length = 0;

  const outcome = await yard.run(botOf({ "/start": `${script}; Bot.runCommand('/next')`, "/next": script }), {
    properties,
  });

  expect(texts(outcome)).toEqual(Array.from({ length: 2 }, () => Array(5).fill(big.length).join()));
  expect(yard.asked.length).toBe(5); // the store was asked once for each
});

test("what a sub-command wrote is what the next one reads, however large", async () => {
  const write = "Bot.setProperty('p' + params, params.repeat(200000))";
  const bot = botOf({
    "/start": "Bot.runCommand('/write a'); Bot.runCommand('/write b'); Bot.runCommand('/read')",
    "/write": write,
    "/read": "Bot.sendMessage([Bot.getProperty('pa')[0], Bot.getProperty('pb')[0]].join())",
  });

  const outcome = await yard.run(bot);

  expect(outcome).toMatchObject({ error: null, answer: "a,b" });
});

test("libraries that handle more names than a bot may have handle the first thousand", async () => {
  const libs = { many: "for (let i = 0; i < 5000; i++) on('n' + i, () => Bot.sendMessage('n' + i))" };

  const known = await yard.sandbox.find(botOf({}, libs), "n999");
  const beyond = await yard.sandbox.find(botOf({}, libs), "n1000");

  expect([known.kind, beyond.kind]).toEqual(["handler", "none"]);
});
