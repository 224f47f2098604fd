import { FAILED, type Hostile, STOPPED } from "./hostile-scripts.ts";

/** Which of the two limits a script meets first is chance where it burns both. */
const ENDED = ["script_timeout", "script_memory"] as const;

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
