import { describe, expect, test } from "vitest";
import { createFakeChildren, type FakeChild } from "./fake-children.ts";
import { NOBODY_ASKS, openPool, pass, run, settle } from "./fake-pool.ts";

describe("what ends a child", () => {
  test("time: it is killed after the limit, and the run hears of it before the process is gone", async () => {
    const { acquire, children, lines } = await openPool({ linger: true });
    const lease = await acquire(7);
    const { child, ended } = run(lease, children);

    await pass(1_000);
    expect(child.isKilled).toBe(false); // the engine's own clock comes first
    await pass(250);

    expect(child.isKilled).toBe(true);
    expect(await ended).toMatchObject({ kind: "lost", why: "timeout" });
    expect(lines).toMatchObject([{ event: "sandbox.lost", botId: 7, why: "timeout" }]);
  });

  test("memory: it is killed at the next look, 20 ms later at most", async () => {
    const { acquire, children } = await openPool();
    const { child, ended } = run(await acquire(1), children);
    child.mb = 257;

    await pass(20);

    expect(child.isKilled).toBe(true);
    expect(await ended).toMatchObject({ kind: "lost", why: "memory" });
  });

  test.each([
    [
      "a frame out of turn",
      (child: FakeChild) => {
        child.ready();
      },
    ],
    [
      "a frame of unknown shape",
      (child: FakeChild) => {
        child.speaksNonsense();
      },
    ],
  ])("%s: it is killed, and its run is lost", async (_, speak) => {
    const { acquire, children } = await openPool();
    const { child, ended } = run(await acquire(1), children);

    speak(child);

    expect(child.isKilled).toBe(true);
    expect(await ended).toMatchObject({ kind: "lost", why: "crashed" });
  });

  test("a word without a run: it is killed and lent to nobody, even while it is not yet gone", async () => {
    const { acquire, children } = await openPool({ processes: 1, linger: true });

    for (const child of children) child.done();
    let served = false;
    void acquire(1).then(() => (served = true));
    await settle();

    expect(children.map(({ isKilled }) => isKilled)).toEqual([true, true]);
    expect(served).toBe(false);
    for (const child of [...children]) child.exit("SIGKILL");
    await settle();
    expect(served).toBe(true);
  });

  test("questions without end: it is killed, and its run is lost", async () => {
    const { acquire, children } = await openPool();
    const lease = await acquire(1);
    const ended = lease.exec({}, () => Promise.resolve(null));
    const child = children.find(({ sent }) => sent.length > 1);

    for (let i = 0; i < 20_001; i++) child?.ask("get", "b/a");

    expect(await ended).toMatchObject({ kind: "lost", why: "crashed" });
  });

  test("a question that cannot be answered: the run fails as the host did, and the child is replaced", async () => {
    const { acquire, children } = await openPool();
    const lease = await acquire(1);
    const ended = lease.exec({}, () => Promise.reject(new Error("the store is away")));
    const child = children.find(({ sent }) => sent.length > 1);

    child?.ask("get", "b/a");

    await expect(ended).rejects.toThrow("the store is away");
    expect(child?.isKilled).toBe(true);
    expect(children.length).toBe(4);
  });

  test("its own death in a run: the run hears the signal, and another child takes its place", async () => {
    const { acquire, children } = await openPool();
    const { child, ended } = run(await acquire(1), children);

    child.exit("SIGTRAP");

    expect(await ended).toEqual({ kind: "lost", why: "crashed", signal: "SIGTRAP" });
    expect(children.length).toBe(4);
  });

  test("a SIGKILL that is not ours: the kernel was short of memory", async () => {
    const { acquire, children } = await openPool();
    const { child, ended } = run(await acquire(1), children);

    child.exit("SIGKILL");

    expect(await ended).toMatchObject({ kind: "lost", why: "memory" });
  });

  test("2,000 runs: it is replaced", async () => {
    const { acquire, children } = await openPool({ processes: 1 });
    const [first] = children;
    for (let i = 0; i < 1_999; i++) {
      const lease = await acquire(1);
      lease.release();
      await settle();
    }

    expect(first?.isKilled).toBe(false);
    (await acquire(1)).release();
    await settle();
    expect(first?.isKilled).toBe(true);
    expect(children.length).toBe(3);
  });

  test("five minutes of work in all: it is replaced, its time on the processor being bounded", async () => {
    const { acquire, children } = await openPool({ processes: 1 });
    const [first] = children;
    for (let i = 0; i < 300; i++) {
      const lease = await acquire(1);
      await pass(1_000);
      lease.release();
      await settle();
    }

    expect(first?.isKilled).toBe(true);
  });

  test("memory that a run has left in it: it is replaced before another bot pays for that", async () => {
    const { acquire, children } = await openPool({ processes: 1 });
    const lease = await acquire(1);
    const { child } = run(lease, children);
    child.mb = 200;
    child.done();
    await pass(15);
    lease.release();
    await settle();

    expect(child.isKilled).toBe(true);
    expect((await acquire(2)).leftMs()).toBe(1_000);
  });

  test("not a run that the engine stopped at its limit: its isolate is gone, and the child serves on", async () => {
    const { acquire, children } = await openPool({ processes: 1 });
    const lease = await acquire(1);
    const { child } = run(lease, children);
    child.done({ end: "engine" });

    lease.release("overtime");
    await settle();

    expect(child.isKilled).toBe(false);
    expect(run(await acquire(2), children).child).toBe(child);
  });

  test("what a killed child still says is not heard", async () => {
    const { acquire, children } = await openPool({ linger: true });
    const lease = await acquire(1);
    const { child, ended } = run(lease, children);
    await pass(1_250);

    child.done({ effects: ['{"kind":"sendMessage","text":"late"}'] });

    expect(await ended).toMatchObject({ kind: "lost", why: "timeout" });
    expect(await lease.exec({}, NOBODY_ASKS)).toMatchObject({ kind: "lost", why: "timeout" });
  });
});

describe("a child that does not start", () => {
  test("is tried again, after longer and longer times", async () => {
    const { children, lines } = await openPool({ processes: 1, getReady: false });
    for (const child of [...children]) child.exit(null);
    await settle();

    expect(children.length).toBe(2);
    await pass(400);
    expect(children.length).toBe(4);
    for (const child of children.slice(2)) child.exit(null);
    await pass(400);
    expect(children.length).toBe(4);
    await pass(1_200);
    expect(children.length).toBe(6);
    expect(lines.filter(({ event }) => event === "sandbox.start_failed").length).toBe(4);
  });

  test("is given up after fifteen seconds", async () => {
    const { children } = await openPool({ processes: 1, getReady: false });

    await pass(14_999);
    expect(children.some(({ isKilled }) => isKilled)).toBe(false);
    await pass(1);
    expect(children.slice(0, 2).every(({ isKilled }) => isKilled)).toBe(true);
  });

  test("for want of descriptors ends nothing else: the next try may find some", async () => {
    const fakes = createFakeChildren();
    let refusals = 2;
    const { acquire } = await openPool({
      processes: 1,
      startChild: (events) => {
        if (refusals-- > 0) throw new Error("EMFILE");
        return fakes.startChild(events);
      },
    });
    let served = false;
    void acquire(1).then(() => (served = true));

    await pass(1_000);

    expect(served).toBe(true);
  });

  test("makes whoever waits for the pool hear of it", async () => {
    const { pool, children } = await openPool({ processes: 1, getReady: false });
    const ready = pool.ready().then(
      () => "ready",
      (error: unknown) => String(error),
    );
    for (let i = 0; i < 6; i++) {
      for (const child of [...children]) child.exit(null);
      await pass(5_000);
    }

    expect(await ready).toContain("do not start");
  });
});
