import autocannon from "autocannon";
import { ANSWER, BODY } from "./job.ts";
import { cpuSeconds } from "./processes.ts";
import { quantile } from "./stats.ts";
import type { Subject } from "./subject.ts";

export interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  answered: number;
  /** Answers other than 200, broken connections and calls without an answer. */
  bad: number;
  /** Milliseconds of processor time for each answer: the server's process, and its children's. */
  serverCpuMs: number;
  childCpuMs: number;
}

/** A caller does not wait longer for an answer. */
const TIMEOUT_SECONDS = 15;
/** It ends on one of its own samples; its default is a second. */
const SAMPLE_MS = 100;
const HEADERS = { "content-type": "application/json" };

/**
 * So many callers, each on a connection and a link of its own, by GET and POST in turn, each calling again as soon as it
 * has its answer; for so many seconds, or so many calls in all.
 */
export async function load(
  subject: Subject,
  { callers, ...until }: { callers: number } & ({ seconds: number } | { calls: number }),
): Promise<Load> {
  const { base, paths } = subject;
  let caller = 0;
  const latencies: number[] = [];
  let bad = 0;
  const before = await cpuOf(subject);
  const start = performance.now();
  await new Promise<void>((done, fail) => {
    const cannon = autocannon(
      {
        url: base,
        connections: callers,
        timeout: TIMEOUT_SECONDS,
        sampleInt: SAMPLE_MS,
        ...("calls" in until ? { amount: until.calls } : { duration: until.seconds }),
        setupClient: (client) => {
          const path = paths[caller++ % paths.length] ?? "/";
          client.setRequests([
            { method: "GET", path },
            { method: "POST", path, body: BODY, headers: HEADERS },
          ]);
        },
      },
      (error: unknown) => {
        if (error instanceof Error) fail(error);
        else done();
      },
    );
    // The cannon's own histogram knows whole milliseconds only.
    cannon.on("response", (_client, status, _bytes, ms) => {
      if (status === 200) latencies.push(ms);
      else bad++;
    });
    cannon.on("reqError", () => bad++);
  });
  const seconds = (performance.now() - start) / 1_000;
  const after = await cpuOf(subject);
  const cpuMs = (who: "server" | "children"): number => ((after[who] - before[who]) * 1_000) / latencies.length;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    answered: latencies.length,
    bad,
    serverCpuMs: cpuMs("server"),
    childCpuMs: cpuMs("children"),
  };
}

/** A subject that does not do the job is not worth measuring. */
export async function checkAnswer({ name, base, paths: [path = "/"] }: Subject): Promise<void> {
  for (const init of [{}, { method: "POST", body: BODY, headers: HEADERS }]) {
    const answer = await fetch(base + path, init);
    const text = await answer.text();
    if (text !== JSON.stringify({ answer: ANSWER })) throw new Error(`${name} answers ${answer.status} ${text}`);
  }
}

async function cpuOf({ pid, childPids }: Subject): Promise<{ server: number; children: number }> {
  const { own, buried } = cpuSeconds(pid);
  const living = (await childPids()).map((child) => cpuSeconds(child).own);
  return { server: own, children: living.reduce((sum, seconds) => sum + seconds, buried) };
}
