// A second host as one should not build it, for tests only: node:vm with functions and objects of the host in the
// script's scope. It shows which probes catch a leak of the host into the script. A process of its own, as naive-host.ts.
import { createContext, runInContext } from "node:vm";
import type { ControlAnswer, ControlCall } from "./control.ts";

const data = new Map<unknown, unknown>();
let messages: unknown[] = [];
const Bot = {
  sendMessage: (text: unknown) => void messages.push(text),
  setProperty: (name: unknown, value: unknown) => void data.set(name, value),
  getProperty(name: unknown, missing: unknown): unknown {
    if (typeof name === "symbol") throw new Error(`no such property: ${String(name)}`, { cause: { name } });
    return data.has(name) ? data.get(name) : missing;
  },
  run: () => undefined,
};
const HTTP = {
  get: ({ url }: { url: unknown }) => {
    if (typeof url !== "string") throw new Error("no url", { cause: { url } });
    return Promise.resolve({ status: 200 });
  },
};
const context = createContext({ Bot, User: Bot, HTTP, Api: {}, Libs: {}, console, process: undefined, performance });

process.on("message", ({ code, timeoutMs }: ControlCall) => {
  messages = [];
  let outcome: string;
  try {
    runInContext(`(function(){${code}\n})()`, context, { timeout: timeoutMs });
    outcome = `ok:${messages.length > 0 ? String(messages[0]) : ""}`;
  } catch (error) {
    outcome = String((error as { message?: unknown } | null)?.message).includes("timed out")
      ? "timeout"
      : "contained-error";
  }
  const said: ControlAnswer = { outcome };
  process.send?.(said);
});
process.send?.("ready");
