import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { load } from "./load.ts";
import type { PartDeps } from "./parts/part.ts";
import { checkAll } from "./stage.ts";

const CALLERS = 10;
const WARM_UP_SECONDS = 3;
const LINES = 25;

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
type Frame = z.infer<typeof profileSchema>["nodes"][number]["callFrame"];

/** Where the time of a call goes in the server's process: by room or package, by function, by the nearest code of ours. */
export async function profileCalls({ stage, seconds, tell }: PartDeps): Promise<string> {
  const subject = await stage.subject("memory");
  await checkAll([subject]);
  await load(subject, { callers: CALLERS, seconds: WARM_UP_SECONDS });
  const dir = mkdtempSync(join(tmpdir(), "botyard-profile-"));
  try {
    const file = join(dir, "server.cpuprofile");
    tell("watching");
    await subject.ask({ kind: "profile" }, "profiling");
    const { answered } = await load(subject, { callers: CALLERS, seconds });
    await subject.ask({ kind: "profiled", file }, "profiled");
    return summary(profileSchema.parse(JSON.parse(readFileSync(file, "utf8"))), answered);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function summary({ nodes, samples, timeDeltas }: z.infer<typeof profileSchema>, calls: number): string {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const rooms = new Map<string, number>();
  const functions = new Map<string, number>();
  const ours = new Map<string, number>();
  for (const [i, id] of samples.entries()) {
    const frame = frames.get(id);
    const us = timeDeltas[i] ?? 0;
    if (!frame || frame.functionName === "(idle)") continue;
    add(rooms, roomOf(frame), us);
    add(functions, nameOf(frame), us);
    add(ours, nearestOfOurs(id), us);
  }
  function nearestOfOurs(id: number): string {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = frames.get(at);
      if (frame && isOurs(frame)) return nameOf(frame);
    }
    return "outside of ours";
  }
  const table = (title: string, all: ReadonlyMap<string, number>): string => {
    const lines = [...all].sort(([, a], [, b]) => b - a).slice(0, LINES);
    return [title, ...lines.map(([name, us]) => `${(us / calls).toFixed(1).padStart(8)} µs  ${name}`)].join("\n");
  };
  const total = [...rooms.values()].reduce((sum, us) => sum + us, 0);
  return [
    `${calls} calls, ${(total / calls).toFixed(0)} µs each in the server's main thread`,
    table("by room or package", rooms),
    table("by function, itself alone", functions),
    table("by the nearest function of ours, with what it called elsewhere", ours),
  ].join("\n\n");
}

function add(sums: Map<string, number>, name: string, us: number): void {
  sums.set(name, (sums.get(name) ?? 0) + us);
}

function isOurs({ url }: Frame): boolean {
  return url.includes("/src/") && !url.includes("/node_modules/");
}

function roomOf({ url, functionName }: Frame): string {
  const [, pkg] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (pkg !== undefined) return pkg;
  const [, room] = /\/src\/([^/]+)/.exec(url) ?? [];
  return room ?? (url.startsWith("node:") ? "node" : functionName || "native");
}

function nameOf({ url, functionName, lineNumber }: Frame): string {
  const place = url.replace(/^.*\/(?=src\/|node_modules\/)/, "");
  return `${functionName || "(anonymous)"} ${place}${url === "" ? "" : `:${lineNumber + 1}`}`;
}
