import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import { openWriting } from "./connection.ts";
import { faultOf } from "./errors.ts";
import { unpackDocs } from "./frame.ts";
import { prepareStatements } from "./statements.ts";
import type { Job, Reply, WriterOptions } from "./writer-messages.ts";

/** The thread that writes: an fsync here stops nothing in the main thread. All jobs that wait are one transaction. */
function serve(port: MessagePort, { file, keepLog, keepRuns, faults }: WriterOptions): void {
  const db = openWriting(file);
  for (const pragma of faults?.pragmas ?? []) db.pragma(pragma);
  const statements = prepareStatements(db, { log: keepLog, runs: keepRuns });
  const slowJobs: (() => boolean)[] = []; // each call does one slice; false: it is done
  let commits = 0;

  function dieAt(place: "before-commit" | "after-commit") {
    const { at, commit, what } = faults?.die ?? {};
    if (at !== place || commit !== commits) return;
    if (what === "process") process.kill(process.pid, "SIGKILL");
    process.exit(1); // in a worker: ends the thread
  }

  const commitAll = db.transaction((jobs: Extract<Job, { kind: "commit" }>[]): Reply[] => {
    const replies = jobs.map(({ n, cells }) => ({ n, refused: statements.commit(unpackDocs(cells)) }));
    dieAt("before-commit");
    return replies;
  });

  function commit(jobs: Extract<Job, { kind: "commit" }>[]): Reply[] {
    commits++;
    try {
      const replies = commitAll.immediate(jobs);
      dieAt("after-commit");
      return replies;
    } catch (error) {
      const fault = faultOf(error);
      return jobs.map(({ n }) => ({ n, fault }));
    }
  }

  /** Goes on with a job between commits, so that it holds up none of them for longer than one slice takes. */
  function startSlow(n: number | undefined, slice: () => boolean) {
    const reply = (how: object) => {
      if (n !== undefined) port.postMessage([{ n, ...how }]);
    };
    slowJobs.push(() => {
      try {
        if (slice()) return true;
        reply({});
      } catch (error) {
        reply({ fault: faultOf(error) });
      }
      return false;
    });
    if (slowJobs.length === 1) setImmediate(goOn);
  }
  function goOn() {
    const job = slowJobs.shift();
    if (job?.()) slowJobs.push(job);
    if (slowJobs.length > 0) setImmediate(goOn);
  }
  const forgetSlice = db.transaction((bot: number) => {
    statements.markForgotten(bot); // so that a restart goes on with it
    return statements.forgetSlice(bot);
  });

  function start(job: Exclude<Job, { kind: "commit" }>) {
    if (job.kind === "forget") startSlow(job.n, () => forgetSlice.immediate(job.bot));
    else if (job.kind === "expire") startSlow(job.n, () => statements.expireSlice(job.before));
    else if (job.kind === "ping") port.postMessage([{ n: job.n }]);
    else {
      db.close();
      port.postMessage([{ n: job.n }]);
      port.close();
    }
  }

  port.on("message", (first: Job) => {
    const jobs = [first];
    for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) jobs.push(more.message as Job);
    const commits = jobs.filter((job) => job.kind === "commit");
    if (commits.length > 0) port.postMessage(commit(commits));
    for (const job of jobs) if (job.kind !== "commit") start(job);
  });
  for (const bot of statements.forgotten()) startSlow(undefined, () => forgetSlice.immediate(bot));
}

if (!parentPort) throw new Error("the writer is a worker thread");
serve(parentPort, workerData as WriterOptions);
