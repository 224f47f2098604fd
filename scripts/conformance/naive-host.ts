// A host as one should not build it, for tests only: isolated-vm itself and its References are in the script's scope, the
// script is wrapped as text, one context serves everybody, there are no quotas, and thrown values are read outside the
// clock. A process of its own (control.ts starts and ends it): some scripts never give it back.
import ivm from "isolated-vm";
import type { ControlAnswer, ControlCall } from "./control.ts";

const BOOTSTRAP = `
  const data = {};
  const ref = (r) => (...args) => r.applySync(undefined, args, { arguments: { copy: true } });
  const send = ref(_send), note = ref(_note);
  globalThis.Bot = {
    sendMessage: (text) => send(text),
    setProperty: (name, value) => { data[name] = value; note(name); },
    getProperty: (name, missing) => (name in data ? data[name] : missing),
    run: () => note("run"),
  };
  globalThis.User = { ...Bot };
  globalThis.Api = { sendMessage: (o) => send(o.text) };
  globalThis.Libs = {};
  globalThis.HTTP = {
    get: (o) => {
      if (!/^https?:/.test(o.url)) throw new Error("no url");
      return note("GET " + o.url);
    },
  };`;

const isolate = new ivm.Isolate({ memoryLimit: 64 });
const context = isolate.createContextSync();
let messages: unknown[] = [];
context.global.setSync("global", context.global.derefInto());
context.global.setSync("ivm", ivm);
context.global.setSync("_send", new ivm.Reference((text: unknown) => void messages.push(text)));
context.global.setSync("_note", new ivm.Reference(() => undefined));
context.evalSync(`{${BOOTSTRAP}}`);

process.on("message", ({ code, timeoutMs }: ControlCall) => {
  messages = [];
  const answer = (outcome: string): void => {
    const said: ControlAnswer = { outcome };
    process.send?.(said);
  };
  try {
    isolate.compileScriptSync(`(function(){${code}})()`).runSync(context, { timeout: timeoutMs });
    answer(`ok:${messages.length > 0 ? String(messages[0]) : ""}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes("timed out")) answer("timeout");
    else answer(message.includes("memory limit") ? "memory-error" : "contained-error");
  }
});
process.send?.("ready");
