import { describe, expect, test, vi } from "vitest";
import { killRuns, openPool, pass, run, settle } from "./fake-pool.ts";

describe("who is served", () => {
  test("as many children as processes are started, and one more", async () => {
    const { children } = await openPool({ processes: 3 });

    expect(children.length).toBe(4);
  });

  test("bots take turns, however many runs one of them has waiting", async () => {
    const { acquire, lent, release } = await openPool({ processes: 1 });
    for (const name of ["a1", "a2", "a3"]) void acquire(1, name);
    await settle();
    void acquire(2, "b1");
    void acquire(2, "b2");
    void acquire(3, "c1");
    await settle();

    expect(lent()).toEqual(["a1", "b1"]); // the second bot got the spare
    for (const name of ["a1", "b1", "a2", "b2"]) await release(name);

    expect(lent()).toEqual(["a1", "b1", "a2", "b2", "c1", "a3"]);
  });

  test("a bot that fills every process leaves the spare to the others", async () => {
    const { acquire, lent } = await openPool({ processes: 2 });
    for (let i = 1; i <= 20; i++) void acquire(1, `a${i}`);
    await settle();
    void acquire(2, "b1");
    await settle();

    expect(lent()).toEqual(["a1", "a2", "b1"]);
  });

  test("a run that is to be alone starts when no other of its bot is under way, and none starts beside it", async () => {
    const { acquire, lent, release } = await openPool({ processes: 3 });
    void acquire(1, "a1");
    void acquire(1, "alone", { alone: true });
    void acquire(1, "a2");
    await settle();

    expect(lent()).toEqual(["a1"]);
    await release("a1");
    expect(lent()).toEqual(["a1", "alone"]);
    await release("alone");
    expect(lent()).toEqual(["a1", "alone", "a2"]);
  });

  test("a run that is repeated goes before those that have not begun", async () => {
    const { acquire, lent, release } = await openPool({ processes: 1 });
    void acquire(1, "a1");
    await settle();
    void acquire(1, "a2");
    void acquire(1, "again", { again: true });
    await release("a1");

    expect(lent()).toEqual(["a1", "again"]);
  });
});

describe("the queue", () => {
  test("a bot's 2,000 runs may wait, and the next is refused", async () => {
    const { acquire } = await openPool({ processes: 1 });
    for (let i = 0; i < 2_001; i++) void acquire(1).catch(() => undefined); // one of them runs

    await expect(acquire(1)).rejects.toMatchObject({ code: "queue_full" });
  });

  test("10,000 runs of all bots may wait, and the next is refused, whoever it is", async () => {
    const { acquire } = await openPool({ getReady: false });
    for (let bot = 1; bot <= 5; bot++) for (let i = 0; i < 2_000; i++) void acquire(bot).catch(() => undefined);

    await expect(acquire(6)).rejects.toMatchObject({ code: "queue_full" });
  });

  test("a run waits ten seconds for its turn and no longer", async () => {
    const { acquire } = await openPool({ getReady: false });
    let refused: unknown;
    acquire(1).catch((error: unknown) => (refused = error));

    await pass(9_900);
    expect(refused).toBe(undefined);
    await pass(600);
    expect(refused).toMatchObject({ code: "queue_full" });
  });
});

describe("a bot whose runs are killed", () => {
  test("is paused after three within a minute, with all that it has waiting", async () => {
    const yard = await openPool({ processes: 1, pauseMs: 60_000 });
    await killRuns(yard, 1, 2);
    const lease = await yard.acquire(1);
    const waiting = yard.acquire(1).catch((error: unknown) => error);
    run(lease, yard.children);
    await pass(1_250);
    lease.release("timeout");

    expect(await waiting).toMatchObject({ code: "bot_paused" });
    await expect(yard.acquire(1)).rejects.toMatchObject({ code: "bot_paused" });
    expect(yard.lines).toContainEqual({ level: "warn", event: "bot.paused", botId: 1, pauseMs: 60_000 });
  });

  test("is paused as well where the engine stopped them before it came to a kill", async () => {
    const { acquire } = await openPool({ processes: 1, pauseMs: 60_000 });
    for (let i = 0; i < 3; i++) (await acquire(1)).release("overtime");

    await expect(acquire(1)).rejects.toMatchObject({ code: "bot_paused" });
  });

  test("is served again when its pause is over", async () => {
    const yard = await openPool({ processes: 1, pauseMs: 60_000 });
    await killRuns(yard, 1, 3);

    await pass(59_000);
    await expect(yard.acquire(1)).rejects.toMatchObject({ code: "bot_paused" });
    await pass(1_500);
    await yard.acquire(1);
  });

  test("pauses no other", async () => {
    const yard = await openPool({ processes: 1, pauseMs: 60_000 });
    await killRuns(yard, 1, 3);

    await yard.acquire(2);
  });

  test("is not paused where the kills lie further apart", async () => {
    const yard = await openPool({ processes: 1, pauseMs: 60_000 });
    for (let i = 0; i < 4; i++) {
      await killRuns(yard, 1, 1);
      await pass(30_000);
    }

    await yard.acquire(1);
  });

  test("is never paused where the operator says 0", async () => {
    const yard = await openPool({ processes: 1, pauseMs: 0 });
    await killRuns(yard, 1, 10);

    await yard.acquire(1);
  });
});

describe("the end of the pool", () => {
  test("ends every child, starts no other, and refuses who waits and who comes", async () => {
    const { pool, acquire, children } = await openPool({ processes: 1 });
    await acquire(1);
    await acquire(2);
    const waiting = acquire(1).catch((error: unknown) => error);

    pool.close();
    await pass(10_000);

    expect(await waiting).toMatchObject({ code: "shutting_down" });
    await expect(acquire(3)).rejects.toMatchObject({ code: "shutting_down" });
    expect(children.map(({ isKilled }) => isKilled)).toEqual([true, true]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
