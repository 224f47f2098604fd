import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { Session } from "node:inspector/promises";
import { questionSchema, type Question, type Reply } from "./messages.ts";

const SAMPLE_US = 200;

export interface Answers {
  pids?: () => number[];
  measure?: (question: Extract<Question, { kind: "measure" }>) => Promise<Extract<Reply, { kind: "measured" }>>;
  stop?: () => Promise<void>;
}

/** The other half of `startProcess`: says that this process is ready, answers, and ends with the bench, however that ends. */
export function answerBench(ready: Omit<Extract<Reply, { kind: "ready" }>, "kind">, answers: Answers = {}): void {
  const session = new Session();
  const reply = (words: Reply): void => void process.send?.(words);
  const end = async (): Promise<never> => {
    await answers.stop?.();
    process.exit(0);
  };

  async function answer(question: Question): Promise<void> {
    if (question.kind === "stop") await end();
    else if (question.kind === "pids") reply({ kind: "pids", pids: answers.pids?.() ?? [] });
    else if (question.kind === "measure" && answers.measure) reply(await answers.measure(question));
    else if (question.kind === "profile") {
      session.connect();
      await session.post("Profiler.enable");
      await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
      await session.post("Profiler.start");
      reply({ kind: "profiling" });
    } else if (question.kind === "profiled") {
      const { profile } = await session.post("Profiler.stop");
      writeFileSync(question.file, JSON.stringify(profile));
      session.disconnect();
      reply({ kind: "profiled" });
    }
  }
  process.on("message", (words) => void answer(questionSchema.parse(words)));
  process.on("disconnect", () => void end());
  reply({ kind: "ready", ...ready });
}

/** Listens on a free port of loopback; the origin that callers use. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen({ port: 0, host: "127.0.0.1", backlog: 2_048 }, done));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a server without a port");
  return `http://127.0.0.1:${address.port}`;
}
