import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readStartFlags } from "./start-flags.ts";
import { replySchema, type Question, type Reply } from "./subjects/messages.ts";

const ANSWER_MS = 60_000;

/** A process under measurement. */
export interface Process {
  name: string;
  pid: number;
  ask: <K extends Reply["kind"]>(question: Question, kind: K) => Promise<Extract<Reply, { kind: K }>>;
  /** SIGKILL for what does not end by itself. */
  stop: () => Promise<void>;
}

/** A server under measurement. */
export interface Subject extends Process {
  base: string;
  /** One for each caller, so that callers meet in the server and not in one user's queue. */
  paths: string[];
  /** A link of the first user that keeps a child busy for seconds; only Botyard has one. */
  busyPath: string | undefined;
  /** Process ids of its sandbox children, as they are now. */
  childPids: () => Promise<number[]>;
}

export interface Launch {
  name: string;
  /** Of `subjects/FILE.ts`. */
  file: string;
  args: string[];
  /** It gets the flags of `npm start`; the others need one for isolated-vm and get no more. */
  isProduct: boolean;
}

/** Starts a process and waits until it is ready. */
export async function startProcess({
  name,
  file,
  args,
  isProduct,
}: Launch): Promise<{ process: Process; ready: Extract<Reply, { kind: "ready" }> }> {
  const path = fileURLToPath(new URL(`subjects/${file}.ts`, import.meta.url));
  const { env, flags } = isProduct ? readStartFlags() : { env: {}, flags: ["--no-node-snapshot"] };
  const child = fork(path, args, {
    execArgv: flags,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ask: Process["ask"] = async (question, kind) => {
    const reply = nextReply(child, name);
    child.send(question);
    return only(await reply, kind);
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    const late = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS);
    if (child.connected) child.send({ kind: "stop" });
    else child.kill("SIGKILL");
    await ended;
    clearTimeout(late);
  };
  const ready = only(await nextReply(child, name), "ready");
  return { process: { name, pid: child.pid ?? 0, ask, stop }, ready };
}

export async function startSubject(launch: Launch): Promise<Subject> {
  const { process: own, ready } = await startProcess(launch);
  const { base, paths, busyPath } = ready;
  return { ...own, base, paths, busyPath, childPids: async () => (await own.ask({ kind: "pids" }, "pids")).pids };
}

function only<K extends Reply["kind"]>(reply: Reply, kind: K): Extract<Reply, { kind: K }> {
  const isOfKind = (one: Reply): one is Extract<Reply, { kind: K }> => one.kind === kind;
  if (!isOfKind(reply)) throw new Error(`${kind} was expected, and ${reply.kind} came`);
  return reply;
}

function nextReply(child: ChildProcess, name: string): Promise<Reply> {
  return new Promise((done, fail) => {
    const stop = (): void => {
      clearTimeout(late);
      child.off("message", onMessage).off("exit", onExit);
    };
    const onMessage = (value: unknown): void => {
      stop();
      done(replySchema.parse(value));
    };
    const onExit = (): void => {
      stop();
      fail(new Error(`${name} ended`));
    };
    const late = setTimeout(() => {
      stop();
      fail(new Error(`${name} did not answer within ${ANSWER_MS / 1_000} s`));
    }, ANSWER_MS);
    child.on("message", onMessage).on("exit", onExit);
  });
}
