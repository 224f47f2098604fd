// Loaded into the server before its first line (node --import): watches the server's own process and tells the runner
// over the channel between them. The server knows nothing of it.
import { runInThisContext } from "node:vm";
import type { HealthReport, Lag } from "./server.ts";

const TICK_MS = 5;
const PROTOTYPES = [Object, Array, Function, String, Number, Boolean, Promise, Map, Set, Error, RegExp, Date, Symbol];

let lags: Lag[] = [];
let expected = performance.now() + TICK_MS;
let used = process.threadCpuUsage();
setInterval(() => {
  const now = performance.now();
  const { user, system } = process.threadCpuUsage(used);
  lags.push({ lateMs: Math.max(0, now - expected), ownMs: (user + system) / 1000 });
  expected = now + TICK_MS;
  used = process.threadCpuUsage();
}, TICK_MS).unref();

let unhandled = 0;
process.on("unhandledRejection", () => unhandled++);

const shapeOf = (): string =>
  PROTOTYPES.map(({ name, prototype }) => `${name}:${Reflect.ownKeys(prototype).map(String).join()}`).join("\n");
const shapeAtStart = shapeOf();

process.on("message", ({ id, check }: { id: number; check?: string }) => {
  const report: HealthReport = {
    lags,
    unhandled,
    isClean: shapeOf() === shapeAtStart,
    isCheckTrue: check === undefined || runInThisContext(check) === true,
  };
  lags = [];
  process.send?.({ id, report });
});
process.channel?.unref();
