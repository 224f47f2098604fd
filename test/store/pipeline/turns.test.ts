import { expect, test } from "vitest";
import { createTurns } from "../../../src/store/pipeline/turns.ts";

test("turns come one after another, in the order they were asked for", async () => {
  const turns = createTurns();
  const order: string[] = [];
  const take = async (name: string) => {
    const end = await turns.take({ alone: false });
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
    end();
  };
  await Promise.all([take("first"), take("second"), take("third")]);

  expect(order).toEqual(["first begins", "first ends", "second begins", "second ends", "third begins", "third ends"]);
});

test("only a run that is alone keeps others out, and only until its turn ends", async () => {
  const turns = createTurns();
  const endFirst = await turns.take({ alone: false });
  expect(turns.closed()).toBeUndefined();
  endFirst();

  const endAlone = await turns.take({ alone: true });
  const closed = turns.closed();
  expect(closed).toBeDefined();
  endAlone();
  endAlone();
  await closed;
  expect(turns.closed()).toBeUndefined();
});
