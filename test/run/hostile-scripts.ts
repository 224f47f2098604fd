import type { ErrorCode } from "../../src/core/errors.ts";

/** A script that means harm (or might), and what has to become of it: the run's answer, or its error code. */
export interface Hostile {
  /** Ends a sentence that begins with "a script". */
  what: string;
  code: string;
  answer?: string | null;
  fails?: readonly ErrorCode[];
}

export const FAILED = ["script_failed"] as const;
export const STOPPED = ["script_timeout"] as const;

/** Walks all that can be reached from the globals and counts what was not made in the script's own realm. */
const WALK = `const seen = new Set(), todo = [globalThis];
let foreign = 0;
const isOwn = (x) => typeof x !== "function" || x === Function.prototype || x instanceof Function;
while (todo.length > 0 && seen.size < 20000) {
  const x = todo.pop();
  if ((typeof x !== "object" && typeof x !== "function") || x === null || seen.has(x)) continue;
  seen.add(x);
  let keys = [], root = x;
  try { for (let p = x; p !== null; p = Reflect.getPrototypeOf(p)) root = p; keys = Reflect.ownKeys(x); } catch { continue; }
  if (!isOwn(x) || (root !== x && root !== Object.prototype && !Object.isFrozen(root))) foreign++;
  try {
    const make = x.constructor && x.constructor.constructor;
    if (typeof make === "function" && make("return typeof process + typeof require")() !== "undefinedundefined") foreign++;
  } catch {}
  todo.push(Reflect.getPrototypeOf(x));
  for (const key of keys) {
    const d = Reflect.getOwnPropertyDescriptor(x, key) || {};
    todo.push(d.value, d.get, d.set);
    try { if (typeof d.get === "function") todo.push(x[key]); } catch (error) { todo.push(error); }
  }
}
Bot.sendMessage(foreign === 0 && seen.size > 500 ? "all its own" : foreign + " foreign of " + seen.size);`;

export const reachability: Hostile[] = [
  {
    what: "that follows every member, getter and prototype from its globals finds only what its own realm made",
    code: WALK,
    answer: "all its own",
  },
  {
    what: "finds none of the engine's or the server's tools among its globals",
    code: `const names = "process require module exports global Buffer fetch setTimeout setInterval setImmediate queueMicrotask structuredClone performance WebAssembly SharedArrayBuffer Atomics WeakRef FinalizationRegistry ivm $host $job $start crypto Worker navigator __dirname escapeHatch".split(" ");
      Bot.sendMessage(names.filter((name) => name in globalThis).join() || "none");`,
    answer: "none",
  },
  {
    what: "that builds functions with every constructor of functions stays in its realm",
    code: `const kinds = [function () {}, async function () {}, function* () {}, async function* () {}, Bot.sendMessage, Libs.Webhooks.getUrlFor, console.log];
      const found = kinds.map((f) => { try { const r = f.constructor("return typeof process + typeof require")(); return typeof r === "string" ? r : "later"; } catch { return "threw"; } });
      Bot.sendMessage(found.filter((x) => x !== "undefinedundefined" && x !== "later" && x !== "threw").join() || "none");`,
    answer: "none",
  },
  {
    what: "sees of a failed call an Error of its own realm, without a cause, a host's path or further members",
    code: `let caught;
      try { Bot.getProperty("a\\0b"); } catch (error) { caught = error; }
      const own = Reflect.ownKeys(caught).map(String).sort().join();
      Bot.sendMessage([caught instanceof Error, own, /\\/|node:|file:|isolated/.test(caught.stack)].join(" "));`,
    answer: "true message,stack false",
  },
  {
    what: "that asks for call sites gets text, however it asks",
    code: `let how = [];
      try { Error.prepareStackTrace = (e, sites) => sites; how.push(typeof new Error("x").stack); } catch { how.push("refused"); }
      try { Object.defineProperty(Error, "prepareStackTrace", { value: (e, sites) => sites }); how.push(typeof new Error("x").stack); } catch { how.push("refused"); }
      const o = {}; Error.captureStackTrace(o); how.push(typeof o.stack);
      Bot.sendMessage(how.join());`,
    answer: "string,refused,string",
  },
  {
    what: "sees no path of the host in a stack of any length",
    code: `Error.stackTraceLimit = 1000;
      const dive = (n) => (n === 0 ? new Error("x").stack : dive(n - 1));
      Bot.sendMessage(/[\\\\/](src|sandbox|node_modules|usr|home|root|app|tmp)[\\\\/]|node:|file:/.test(dive(50)) ? "a path" : "none");`,
    answer: "none",
  },
  {
    what: "cannot walk up its callers",
    code: `function up() { try { let f = up, n = 0; while (f.caller) { f = f.caller; n++; if (n > 20) break; } return f.constructor("return typeof process")(); } catch { return "undefined"; } }
      Bot.sendMessage(up());`,
    answer: "undefined",
  },
  {
    what: "cannot import a module",
    code: `import("node:fs").then(() => Bot.sendMessage("imported"), () => Bot.sendMessage("refused"));`,
    answer: "refused",
  },
  {
    what: "whose getter gives one value to a check and another to the use sends what was checked",
    code: `let n = 0;
      Bot.setProperty({ get name() { return n++ === 0 ? "first" : "x".repeat(1000); }, value: 1 });
      Bot.sendMessage(String(Bot.getProperty("first")));`,
    answer: "1",
  },
  {
    what: "that hands functions, proxies and symbols to every call only fails itself",
    code: `const odd = [function () { return this; }, new Proxy({}, { get() { throw new Error("trap"); } }), Symbol("x"), Object.create(null), [[]], 10n];
      let threw = 0;
      for (const x of odd) for (const f of [Bot.getProperty, Bot.setProperty, Bot.sendMessage, Bot.run, User.getProperty, Libs.Webhooks.getUrlFor, console.log])
        try { f(x, x, x); } catch { threw++; }
      Bot.sendMessage(threw > 0 ? "alive" : "nothing was refused");`,
    answer: "alive",
  },
];

export const tampering: Hostile[] = [
  {
    what: "that replaces every function of every built-in prototype still speaks to the host as before",
    code: `const names = Object.getOwnPropertyNames(globalThis), keysOf = Reflect.ownKeys, about = Reflect.getOwnPropertyDescriptor, valueOf = (name) => about(globalThis, name).value, kept = ["constructor", "prototype", "prepareStackTrace"];
      const hijack = (home) => {
        if (!home) return;
        const keys = keysOf(home);
        for (let i = 0; i < keys.length; i++) {
          if (keys[i] === kept[0] || keys[i] === kept[1] || keys[i] === kept[2]) continue;
          try { if (typeof home[keys[i]] === "function") home[keys[i]] = () => "HIJACK"; } catch {}
        }
      };
      for (let i = 0; i < names.length; i++) {
        const made = valueOf(names[i]);
        if (typeof made === "function") { hijack(made.prototype); hijack(made); }
      }
      hijack(JSON), hijack(Reflect), hijack(Math);
      Bot.setProperty("a", 1);
      Bot.sendMessage("alive " + Bot.getProperty("a") + JSON.stringify(0));`,
    answer: "alive 1HIJACK",
  },
  {
    what: "that gives every object the members of our options changes only its own calls",
    code: `for (const key of ["user_id", "user_telegramid", "bot_id", "chat_id", "default_value", "parse_mode", "v", "t", "command", "ok"])
        Object.defineProperty(Object.prototype, key, { get: () => 43, set() {}, configurable: true });
      Bot.setProperty("mine", "x");
      Bot.sendMessage("sent");`,
    answer: "sent",
  },
  {
    what: "that makes every object answer toJSON garbles nothing but its own values",
    code: `Object.prototype.toJSON = Array.prototype.toJSON = String.prototype.toJSON = () => "HIJACK";
      Bot.setProperty("a", 5);
      Bot.runCommand("/nothing");
      Bot.sendMessage(Bot.getProperty("a") + " " + typeof Libs.Webhooks.getUrlFor({ command: "/x" }));`,
    answer: "5 string",
  },
  {
    what: "cannot replace, extend or delete what it is given",
    code: `"use strict";
      let done = 0;
      for (const root of [Bot, User, Api, HTTP, Libs, WebApp, AdminPanel])
        for (const act of [() => (root.sendMessage = 1), () => (root.extra = 1), () => Object.setPrototypeOf(root, {}), () => delete root.getProperty, () => Object.defineProperty(root, "x", { value: 1 })])
          try { if (act() !== undefined) done++; } catch {}
      for (const name of ["Bot", "User", "Api", "HTTP", "Libs", "WebApp", "AdminPanel"])
        try { delete globalThis[name]; } catch {}
      Bot.sendMessage(done === 0 || Object.isFrozen(Bot) ? "as it was: " + typeof Bot.getProperty : "changed");`,
    answer: "as it was: function",
  },
  {
    what: "that stores __proto__ and constructor keys changes no prototype",
    code: `Bot.setProperty("k", JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
      for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) Bot.setProperty(name, { polluted: 1 });
      const back = ["__proto__", "constructor", "toString"].map((name) => JSON.stringify(Bot.getProperty(name)));
      Bot.sendMessage(back.join() + " " + ({}).polluted + " " + Bot.getProperty("valueOf"));`,
    answer: '{"polluted":1},{"polluted":1},{"polluted":1} undefined undefined',
  },
];

export const thrown: Hostile[] = [
  { what: "a symbol", code: "throw Symbol('s')", fails: FAILED },
  { what: "null", code: "throw null", fails: FAILED },
  { what: "undefined", code: "throw undefined", fails: FAILED },
  { what: "a big number", code: "throw 12n", fails: FAILED },
  { what: "a function", code: "throw () => 1", fails: FAILED },
  { what: "an object without a prototype", code: "throw Object.create(null)", fails: FAILED },
  {
    what: "an object whose every member throws",
    code: "throw new Proxy(new Error('x'), { get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; } })",
    fails: FAILED,
  },
  { what: "an object whose message never ends", code: "throw { get message() { for (;;); } }", fails: STOPPED },
  {
    what: "an error whose name never ends",
    code: "const e = new TypeError('x'); Object.defineProperty(e, 'name', { get() { for (;;); } }); throw e",
    fails: STOPPED,
  },
  {
    what: "an error whose stack never ends",
    code: "const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e",
    fails: STOPPED,
  },
  {
    what: "an error behind a prepareStackTrace that never ends",
    code: "try { Error.prepareStackTrace = () => { for (;;); }; } catch {} undefined.x",
    fails: [...FAILED, ...STOPPED],
  },
  { what: "a proxy that never ends", code: "throw new Proxy({}, { get() { for (;;); } })", fails: STOPPED },
  { what: "an error that is its own cause", code: "const e = new Error('x'); e.cause = e; throw e", fails: FAILED },
  { what: "an error with a message of megabytes", code: "throw new Error('m'.repeat(5e6))", fails: FAILED },
  { what: "a thenable", code: "throw { then(done) { done('x'); } }", fails: FAILED },
  {
    what: "a rejection that nobody handles",
    code: "Promise.reject(new Error('x')); Bot.sendMessage('sent')",
    fails: FAILED,
  },
];

/** What a verdict says comes from the host's clock and counters, never from an error's text. */
export const forged: Hostile[] = [
  { what: "the engine's words for a timeout", code: "throw new Error('Script execution timed out.')", fails: FAILED },
  {
    what: "the engine's words for a full heap",
    code: "throw new RangeError('Isolate was disposed during execution due to memory limit')",
    fails: FAILED,
  },
  {
    what: "our own code in a member",
    code: "throw Object.assign(new Error('x'), { code: 'script_timeout', name: 'script_memory' })",
    fails: FAILED,
  },
  {
    what: "the text in which the sandbox reports",
    code: `throw '{"name":"","message":"","stack":"","code":"compile"}'`,
    fails: FAILED,
  },
  {
    what: "a stack that names our files",
    code: "const e = new Error('x'); e.stack = 'Error: x\\n    at bjs-body:99999:1'; throw e",
    fails: FAILED,
  },
  {
    what: "a limit's error with other words",
    code: "try { Bot.getProperty('n'.repeat(300)); } catch (e) { e.message = 'bot_paused'; throw e; }",
    fails: ["limit_bytes"],
  },
];

export const returned: Hostile[] = [
  "Symbol()",
  "new Promise(() => {})",
  "{ then() { for (;;); } }",
  "new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); } })",
  "Bot",
  "new Array(1e5).fill({})",
  "globalThis",
].map((value) => ({ what: `${value}`, code: `Bot.sendMessage('sent'); return (${value});`, answer: "sent" }));

export const shapes: Hostile[] = [
  { what: "that closes the function it stands in", code: "}); globalThis.OUT = 1; (function () {", fails: FAILED },
  { what: "that closes a function and a block", code: "}} Bot.sendMessage('out'); if (1) {{", fails: FAILED },
  { what: "that ends with a comment", code: "Bot.sendMessage('a') // the end", answer: "a" },
  { what: "that ends within a comment", code: "Bot.sendMessage('a') /* no end", fails: FAILED },
  { what: "that ends within a template", code: "Bot.sendMessage(`a ${", fails: FAILED },
  { what: "with HTML comments", code: "<!-- a\nBot.sendMessage('a')\n--> b", answer: "a" },
  { what: "with a hashbang", code: "#!/bin/sh\nBot.sendMessage('a')", fails: FAILED },
  { what: "with a return at its top", code: "Bot.sendMessage('a'); return; Bot.sendMessage('b')", answer: "a" },
  { what: "with an import", code: "import fs from 'node:fs'; Bot.sendMessage('a')", fails: FAILED },
  { what: "with import.meta", code: "Bot.sendMessage(typeof import.meta)", fails: FAILED },
  { what: "with super", code: "super.x", fails: FAILED },
  { what: "with new.target", code: "Bot.sendMessage(String(new.target))", answer: "undefined" },
  { what: "in the engine's own syntax", code: "%GetOptimizationStatus(Bot)", fails: FAILED },
  { what: "with a NUL in a text", code: "Bot.sendMessage('a\0b'.length)", answer: "3" },
  { what: "with a line separator in a comment", code: "// a\u2028Bot.sendMessage('b')", answer: "b" },
  {
    what: "that names its own file",
    code: "Bot.sendMessage('a')\n//# sourceURL=/etc/passwd\n//# sourceMappingURL=http://192.0.2.7/",
    answer: "a",
  },
  { what: "of nothing", code: "", answer: null },
];
