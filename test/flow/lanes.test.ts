import { expect, test } from "vitest";
import { createLanes } from "../../src/lanes.ts";
import { code, command } from "../catalog/yard.ts";
import { breathe } from "../store/harness.ts";
import { gate, openFlow, type Script } from "./open.ts";

test("of one lane each turn waits for the one before it, in the order of arrival", async () => {
  const lanes = createLanes();
  const order: number[] = [];

  await Promise.all(
    [1, 2, 3].map(async (n) => {
      const turn = await lanes.enter("a");
      await breathe();
      order.push(n);
      turn.leave();
    }),
  );

  expect(order).toEqual([1, 2, 3]);
});

test("leaving twice lets one in, not two", async () => {
  const lanes = createLanes();
  const first = await lanes.enter("a");
  let third = false;
  const second = lanes.enter("a");
  void lanes.enter("a").then(() => (third = true));

  first.leave();
  first.leave();
  await second;
  await breathe();

  expect(third).toBe(false);
});

test("lanes go side by side, and what has none waits for nobody", async () => {
  const lanes = createLanes();
  await lanes.enter("a");

  await lanes.enter("b");
  await lanes.enter(undefined);
  await lanes.enter(undefined);
});

/** A script that waits at a gate of its call, and tells when it begins. */
function waiting() {
  const begun: string[] = [];
  const gates = new Map<string, ReturnType<typeof gate>>();
  const script: Script = async (_, { message }) => {
    begun.push(message);
    await gates.get(message)?.passed;
    return {};
  };
  return { begun, gates, script };
}

test("the calls of one user run one after another in their order, those of others beside them", async () => {
  const { begun, gates, script } = waiting();
  const yard = await openFlow({ "/start": script });
  const ann = (await yard.catalog.addUser(yard.bot.id, {})).user.id;
  const bob = (await yard.catalog.addUser(yard.bot.id, {})).user.id;
  gates.set("a1", gate());

  const calls = [
    yard.run({ userId: ann, message: "a1" }),
    yard.run({ userId: ann, message: "a2" }),
    yard.run({ userId: ann, message: "a3" }),
    yard.run({ userId: bob, message: "b1" }),
    yard.run({ message: "nobody" }),
  ];
  await Promise.all(calls.slice(3));
  const whileWaiting = [...begun].sort();
  gates.get("a1")?.open();
  await Promise.all(calls);

  expect(whileWaiting).toEqual(["a1", "b1", "nobody"]);
  expect(begun.filter((name) => name.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
});

test("a call that is refused or throws gives its turn on", async () => {
  const yard = await openFlow({ "/start": () => Promise.resolve({}), "/bad": () => Promise.reject(new Error("bad")) });
  const ann = (await yard.catalog.addUser(yard.bot.id, {})).user.id;

  const ends = await Promise.allSettled([
    yard.run({ userId: ann, command: "/none" }),
    yard.run({ userId: ann, command: "/bad" }),
    yard.run({ userId: ann }),
  ]);

  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
});

test("the same user id of two bots is two lanes", async () => {
  const { gates, script, begun } = waiting();
  const yard = await openFlow({ "/start": script });
  const ann = (await yard.catalog.addUser(yard.bot.id, {})).user.id;
  const second = (await yard.catalog.storeBot(code([command("/start")]))).id;
  await yard.catalog.addUser(second, {});
  gates.set("first", gate());

  const first = yard.run({ userId: ann, message: "first" });
  await yard.run({ botId: second, userId: ann, message: "second" });

  expect(begun).toEqual(["first", "second"]);
  gates.get("first")?.open();
  await first;
});
