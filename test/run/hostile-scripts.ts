import type { ErrorCode } from "../../src/core/errors.ts";

/** A script that means harm (or might), and what has to become of it: the run's answer, or its error code. */
export interface Hostile {
  /** Ends a sentence that begins with "a script". */
  what: string;
  code: string;
  answer?: string | null;
  fails?: readonly ErrorCode[];
}

const FAILED = ["script_failed"] as const;
const STOPPED = ["script_timeout"] as const;
/** Which of the two limits a script meets first is chance where it burns both. */
const ENDED = ["script_timeout", "script_memory"] as const;

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

export const cpu: Hostile[] = [
  { what: "that loops for ever is stopped", code: "for (;;) {}", fails: STOPPED },
  { what: "that loops in a finally is stopped", code: "try { for (;;); } finally { for (;;); }", fails: STOPPED },
  {
    what: "that catches all it can is stopped",
    code: "for (;;) try { null.x } catch { try { throw 1 } catch {} }",
    fails: STOPPED,
  },
  {
    what: "that makes one microtask after another is stopped",
    code: "const again = () => Promise.resolve().then(again); again(); Bot.sendMessage('ended')",
    fails: ENDED,
  },
  {
    what: "that awaits in an endless loop is stopped",
    code: "(async () => { for (;;) await 0; })()",
    fails: ENDED,
  },
  {
    what: "that backtracks without end is stopped",
    code: "/^(\\w+\\s?)*$/.test('a'.repeat(60) + '!')",
    fails: STOPPED,
  },
  {
    what: "that loops in a getter which a call reads is stopped",
    code: "Bot.setProperty({ get name() { for (;;); } })",
    fails: STOPPED,
  },
  { what: "that loops in toString is stopped", code: "Bot.sendMessage({ toString() { for (;;); } })", fails: STOPPED },
  {
    what: "that loops in toJSON is stopped",
    code: "Bot.setProperty('a', { toJSON() { for (;;); } })",
    fails: STOPPED,
  },
  { what: "that loops in a comparison is stopped", code: "[3, 2, 1].sort(() => { for (;;); })", fails: STOPPED },
  {
    what: "that loops in a trap is stopped",
    code: "Object.keys(new Proxy({}, { ownKeys() { for (;;); } }))",
    fails: STOPPED,
  },
  {
    what: "that spends its time in calls of the bridge is stopped",
    code: "for (;;) { console.log('x'); try { Bot.getProperty('a'); } catch {} }",
    fails: STOPPED,
  },
  {
    what: "that compiles without end is stopped",
    code: "for (let i = 0; ; i++) new Function('return ' + i)()",
    fails: ENDED,
  },
];

/** One call of the engine that takes longer than any clock inside waits for. */
export const nativeCalls: Hostile[] = [
  {
    what: "that fills an array of four thousand million places loses its process",
    code: "new Array(2 ** 32 - 1).fill(1)",
    fails: ENDED,
  },
  { what: "that squares a number without end loses its process", code: "let n = 7n; for (;;) n *= n;", fails: ENDED },
  {
    what: "that writes down a huge number loses its process",
    code: "String(3n ** (3n ** 15n))",
    fails: [...ENDED, ...FAILED],
  },
  {
    what: "that blows a text up by replacing loses its process",
    code: "let t = 'b'; while (t.length < 2 ** 26) t += t; t.replace(/b/g, '$&$&$&$&$&')",
    fails: [...ENDED, ...FAILED],
  },
  {
    what: "that maps a list of holes loses its process",
    code: "new Array(2 ** 27).fill(0).map(() => ({}))",
    fails: ENDED,
  },
];

export const memory: Hostile[] = [
  {
    what: "that keeps lists",
    code: "const all = []; for (;;) all.push(new Array(5000).fill(all.length))",
    fails: ENDED,
  },
  {
    what: "that keeps texts",
    code: "const all = []; for (;;) all.push('y'.repeat(1 << 19) + all.length)",
    fails: ENDED,
  },
  {
    what: "that keeps bytes outside the heap",
    code: "const all = []; for (;;) all.push(new Uint8Array(1 << 21).fill(7))",
    fails: [...ENDED, ...FAILED],
  },
  {
    what: "that keeps keys of a map",
    code: "const m = new Map(); for (let i = 0; ; i++) m.set('key ' + i, i)",
    fails: ENDED,
  },
  { what: "that keeps closures", code: "let f = () => 0; for (;;) { const g = f; f = () => g; }", fails: ENDED },
  { what: "that chains promises", code: "let p = Promise.resolve(); for (;;) p = p.then(() => p)", fails: ENDED },
  { what: "that asks for more bytes than there are", code: "new ArrayBuffer(2 ** 50)", fails: FAILED },
  {
    what: "that grows a buffer to its end",
    code: "const b = new ArrayBuffer(8, { maxByteLength: 2 ** 33 }); b.resize(2 ** 33); new Uint8Array(b).fill(1)",
    fails: [...ENDED, ...FAILED],
  },
  {
    what: "that doubles a text for ever",
    code: "let t = 'z'; for (;;) t = (t + t).toUpperCase()",
    fails: [...ENDED, ...FAILED],
  },
];

export const recursion: Hostile[] = [
  { what: "that calls itself for ever", code: "(function dive() { dive(); })()", fails: FAILED },
  {
    what: "that calls itself through the bridge",
    code: "const o = { toString() { return '' + Bot.sendMessage(o); } }; Bot.sendMessage(o)",
    fails: [...FAILED, "limit_effects"],
  },
  {
    what: "that nests a value deeper than a stack",
    code: "let a = []; for (let i = 0; i < 2e5; i++) a = [a]; Bot.setProperty('a', a)",
    fails: FAILED,
  },
  {
    what: "that stores a value which holds itself",
    code: "const a = {}; a.a = a; Bot.setProperty('a', a)",
    fails: FAILED,
  },
  { what: "whose source nests deeper than a stack", code: `${"(".repeat(5e4)}1${")".repeat(5e4)}`, fails: FAILED },
  {
    what: "that compiles a pattern deeper than a stack",
    code: "new RegExp('('.repeat(2e5) + ')'.repeat(2e5))",
    fails: FAILED,
  },
];

export const quotas: Hostile[] = [
  { what: "with a value over the limit", code: "Bot.setProperty('a', 'x'.repeat(300000))", fails: ["limit_bytes"] },
  {
    what: "with a value of far more than the limit",
    code: "Bot.setProperty('a', 'x'.repeat(6e6))",
    fails: ["limit_bytes"],
  },
  { what: "with a name over the limit", code: "Bot.getProperty('n'.repeat(257))", fails: ["limit_bytes"] },
  {
    what: "with a name of far more than the limit",
    code: "Bot.setProperty('n'.repeat(2e6), 1)",
    fails: ["limit_bytes"],
  },
  { what: "with a message over the limit", code: "Bot.sendMessage('я'.repeat(40000))", fails: ["limit_bytes"] },
  { what: "with a message that no call may carry", code: "Bot.sendMessage('m'.repeat(5e6))", fails: ["limit_bytes"] },
  { what: "with options over the limit", code: "Bot.sendMessage('a', { a: 'x'.repeat(3e5) })", fails: ["limit_bytes"] },
  {
    what: "with more messages than the limit",
    code: "for (let i = 0; i < 1001; i++) Bot.sendMessage(i)",
    fails: ["limit_effects"],
  },
  {
    what: "with more bytes in all than the limit",
    code: "for (let i = 0; i < 50; i++) Bot.sendMessage('x'.repeat(60000))",
    fails: ["limit_bytes"],
  },
  {
    what: "with more reads than the limit",
    code: "for (let i = 0; i < 1001; i++) Bot.getProperty('p' + i)",
    fails: ["limit_reads", ...STOPPED],
  },
  {
    what: "with more links than the limit of reads",
    code: "for (;;) Libs.Webhooks.getUrlFor({ command: '/a' })",
    fails: ["limit_reads", ...STOPPED],
  },
  {
    what: "with more looks for users than the limit of reads",
    code: "for (;;) User.getProperty({ name: 'a', user_telegramid: 4300 })",
    fails: ["limit_reads", ...STOPPED],
  },
  {
    what: "that catches a limit and goes on as if nothing were",
    code: "try { Bot.sendMessage('x'.repeat(70000)); } catch {} Bot.sendMessage('went on')",
    fails: ["limit_bytes"],
  },
  { what: "that runs itself for ever", code: "Bot.runCommand('/start')", fails: ["limit_depth", ...STOPPED] },
  {
    what: "that runs many at once",
    code: "for (let i = 0; i < 501; i++) Bot.runCommand('/nothing')",
    fails: ["limit_sub_commands", ...STOPPED],
  },
  {
    what: "that sends over a network that it does not have",
    code: "for (;;) HTTP.get({ url: 'http://192.0.2.7/' })",
    fails: ["unsupported_member"],
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
