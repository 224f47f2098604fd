// Loaded into the server before its first line (node --import): watches the server's own process and tells the runner
// over the channel between them. The server knows nothing of it.
import { runInThisContext } from "node:vm";
import type { HealthReport } from "./server.ts";

const TICK_MS = 5;
const PROTOTYPES = [Object, Array, Function, String, Number, Boolean, Promise, Map, Set, Error, RegExp, Date, Symbol];

let lags: number[] = [];
let expected = performance.now() + TICK_MS;
setInterval(() => {
  const now = performance.now();
  lags.push(Math.max(0, now - expected));
  expected = now + TICK_MS;
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
