// The process that runs scripts. Plain JavaScript, because loading the type stripper would cost every child 100 ms and
// 17 MB; types are checked through JSDoc. It has no event loop to speak of: read a frame, run, write a frame.
// Nothing here is trusted by the parent, and nothing here trusts the guest.
import { readSync, writeSync } from "node:fs";
import { compileFunction } from "node:vm";
import ivm from "isolated-vm";

const STDIN = 0;
const STDOUT = 1;
const HEADER_BYTES = 4;
const READ_BYTES = 64 * 1024;
const EXECUTIONS_PER_ISOLATE = 32;
const HANDLER_NAMES = 1_000; // of one bot's libraries; the parent takes no more (frames.ts)

/* ---- frames ---- */

let pending = Buffer.alloc(0);

/** Blocks until `bytes` more bytes are there; ends the process when the parent is gone. @param {number} bytes */
function read(bytes) {
  if (pending.length < bytes) {
    const parts = [pending];
    for (let have = pending.length; have < bytes;) {
      const chunk = Buffer.allocUnsafe(Math.max(READ_BYTES, bytes - have));
      const got = readSync(STDIN, chunk, 0, chunk.length, null);
      if (got === 0) process.exit(0);
      parts.push(chunk.subarray(0, got));
      have += got;
    }
    pending = Buffer.concat(parts);
  }
  const out = pending.subarray(0, bytes);
  pending = pending.subarray(bytes);
  return out;
}
/** @returns {any} */
function readFrame() {
  return JSON.parse(read(read(HEADER_BYTES).readUInt32LE(0)).toString("utf8"));
}
/** @param {string} text */
function writeFrame(text) {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text));
  bytes.writeUInt32LE(bytes.length - HEADER_BYTES, 0);
  bytes.write(text, HEADER_BYTES, "utf8");
  for (let sent = 0; sent < bytes.length;) sent += writeSync(STDOUT, bytes, sent);
}
/** Asks the parent and waits. @param {unknown[]} question @returns {any} */
function ask(...question) {
  writeFrame(JSON.stringify({ kind: "ask", question }));
  return readFrame();
}

/* ---- one command execution ---- */

/**
 * @typedef {object} Exec what the parent sends
 * @property {string} job the guest's view, JSON text
 * @property {number | null} userId
 * @property {number} timeoutMs what is left of the root run's time
 * @property {Record<string, string | null>} known property texts by `owner/name` (owner "b" or a user's id)
 * @property {{effects: number, bytes: number, logLines: number, reads: number}} left budgets of the root run
 * @property {Caps} caps
 *
 * @typedef {object} Caps limits of one value, and those of the root run that a refusal names
 * @property {number} valueBytes
 * @property {number} nameChars
 * @property {number} messageBytes
 * @property {number} depth
 * @property {number} logLineChars
 * @property {number} effects
 * @property {number} effectBytes
 * @property {number} reads
 */

/** What the guest may learn of a refusal: a code and a sentence of ours. */
class Refusal {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    this.code = code;
    this.message = message;
  }
}
const OWNERS = /^(?:b|u|[utb]:-?[0-9]{1,16})$/;

/** The bridge of one execution: records what the guest asks for, in order. @param {Exec} exec */
function createBridge(exec) {
  const { left, caps } = exec;
  const deadline = performance.now() + exec.timeoutMs;
  const known = new Map(Object.entries(exec.known));
  const out = {
    /** @type {string[]} */ effects: [],
    /** @type {{level: string, text: string}[]} */ log: [],
    /** @type {Set<string>} */ touched: new Set(),
    /** @type {string[]} */ handlers: [],
    /** @type {Map<string, string>} sources of libraries that were asked for */ libs: new Map(),
    bytes: 0,
    reads: 0,
    droppedLines: 0,
    /** @type {Refusal | null} the first limit that was passed: the run is lost, whatever the script does then */ over: null,
    closed: false,
  };
  /** @type {Set<string>} */ const written = new Set();
  /** @param {string} code @param {string} message @returns {never} */
  function over(code, message) {
    out.over ??= new Refusal(code, message);
    throw out.over;
  }
  /** @param {string} name @returns {never} */
  function overValue(name) {
    over("limit_bytes", `the value of property ${JSON.stringify(name)} has more than ${caps.valueBytes} bytes`);
  }
  /** @param {string} text */
  function record(text) {
    if (out.effects.length >= left.effects)
      over("limit_effects", `the run asked for more than ${caps.effects} effects`);
    out.bytes += Buffer.byteLength(text);
    if (out.bytes > left.bytes) over("limit_bytes", `the effects of the run have more than ${caps.effectBytes} bytes`);
    out.effects.push(text);
  }
  /** @param {string} name */
  function checkName(name) {
    if (name.length > caps.nameChars)
      over("limit_bytes", `a property name has ${name.length} characters; the limit is ${caps.nameChars}`);
    if (name.includes("\0")) throw new Refusal("script_failed", "a property name must not hold a NUL character");
  }
  /** The owner's key: "b" or a user's id. @param {string} owner */
  function resolveOwner(owner, /** @type {boolean} */ mustExist) {
    if (!OWNERS.test(owner))
      throw new Refusal(
        "script_failed",
        `there is no ${owner.startsWith("b:") ? "bot" : "user"} with the id ${JSON.stringify(owner.slice(2, 40))}`,
      );
    if (owner === "b") return "b";
    if (owner === "u") {
      if (exec.userId === null) throw new Refusal("script_failed", "there is no current user");
      return String(exec.userId);
    }
    if (owner.startsWith("u:") && !mustExist) return String(Number(owner.slice(2))); // "007" is 7
    const found = askCounted("user", owner[0], Number(owner.slice(2)));
    if (found === null)
      throw new Refusal(
        "script_failed",
        `there is no user with the ${owner[0] === "t" ? "telegramid" : "id"} ${owner.slice(2)}`,
      );
    return String(found);
  }
  /** Every question but one for a library counts as a read: it costs the parent time. @param {unknown[]} question */
  function askCounted(...question) {
    const what = question[0] === "user" ? "users" : question[0] === "link" ? "links" : "properties";
    if (++out.reads > left.reads) over("limit_reads", `the run read more than ${caps.reads} ${what}`);
    return ask(...question);
  }
  /** @type {Record<string, (a: string, b: string, c: string) => string>} */
  const ops = {
    message(text, options) {
      if (Buffer.byteLength(text) > caps.messageBytes)
        over("limit_bytes", `the text of a message has more than ${caps.messageBytes} bytes`);
      if (options !== undefined && (Buffer.byteLength(options) > caps.valueBytes || nests(options, caps.depth)))
        over("limit_bytes", `the options of a message are too large or nest deeper than ${caps.depth} levels`);
      const more = options === undefined || !options.startsWith("{") ? "" : `,"options":${options}`;
      record(`{"kind":"sendMessage","text":${JSON.stringify(text)}${more}}`);
      return "";
    },
    get(owner, name) {
      checkName(name);
      if (owner.startsWith("b:") && OWNERS.test(owner)) {
        return askCounted("foreign", Number(owner.slice(2)), name) ?? "";
      }
      const key = `${resolveOwner(owner, owner.startsWith("t:"))}/${name}`;
      if (!written.has(key)) out.touched.add(key);
      let text = known.get(key);
      if (text === undefined) {
        text = /** @type {string | null} */ (askCounted("get", key));
        known.set(key, text);
      }
      return text ?? "";
    },
    large() {
      return over("limit_bytes", "a text that the script handed over is larger than any limit allows");
    },
    largeValue(name) {
      checkName(name);
      return overValue(name);
    },
    set(owner, name, text) {
      checkName(name);
      if (Buffer.byteLength(text) > caps.valueBytes) overValue(name);
      // The value is wrapped once, in the object that carries its type.
      if (nests(text, caps.depth + 1))
        throw new Refusal(
          "script_failed",
          `the value of property ${JSON.stringify(name)} nests deeper than ${caps.depth} levels`,
        );
      const value = JSON.parse(text);
      if (typeof value !== "object" || value === null || !("v" in value) || typeof value.t !== "string")
        throw new Refusal("script_failed", "a property value was garbled by the script");
      const key = `${resolveOwner(owner, true)}/${name}`;
      record(`{"kind":"setProperty","key":${JSON.stringify(key)},"property":${text}}`);
      known.set(key, text);
      written.add(key);
      return "";
    },
    del(owner, name) {
      checkName(name);
      const key = `${resolveOwner(owner, true)}/${name}`;
      record(`{"kind":"deleteProperty","key":${JSON.stringify(key)}}`);
      known.set(key, null);
      written.add(key);
      return "";
    },
    run(text) {
      if (Buffer.byteLength(text) > caps.valueBytes || nests(text, caps.depth + 1))
        over("limit_bytes", `the options of Bot.run are too large or nest deeper than ${caps.depth} levels`);
      record(`{"kind":"run","run":${text}}`);
      return "";
    },
    log(level, text) {
      if (out.log.length < left.logLines) out.log.push({ level, text: printable(text).slice(0, caps.logLineChars) });
      else out.droppedLines++;
      return "";
    },
    lib(name) {
      const source = out.libs.get(name) ?? ask("lib", name);
      if (typeof source === "string") out.libs.set(name, source);
      return JSON.stringify(source);
    },
    link(text) {
      if (text.length > left.bytes) over("limit_bytes", "the options of a link are too large");
      const answer = askCounted("link", text);
      if (answer.error !== undefined) throw new Refusal("script_failed", answer.error);
      return JSON.stringify(answer.url);
    },
    handlers(text) {
      out.handlers = JSON.parse(text).slice(0, HANDLER_NAMES);
      return "";
    },
  };
  Object.setPrototypeOf(ops, null);
  /** @param {unknown[]} args */
  function answer(args) {
    const [op, a, b, c] = args;
    if (out.closed) return "escript_failed the run has ended";
    try {
      if (out.over) throw out.over;
      const act = typeof op === "string" ? ops[op] : undefined;
      if (act === undefined) return "escript_failed there is no such call";
      return "v" + act(/** @type {string} */ (a), /** @type {string} */ (b), /** @type {string} */ (c));
    } catch (error) {
      return error instanceof Refusal
        ? `e${error.code} ${error.message}`
        : "escript_failed the call was garbled by the script";
    }
  }
  /**
   * The one function that the guest gets: texts in, a text out. Nothing is ever thrown across. The engine's clock stands
   * still while a script is out here, so ours is looked at as well: when the time is up, there is no way back in.
   */
  const host = (/** @type {unknown[]} */ ...args) => {
    const text = answer(args);
    if (performance.now() >= deadline && !out.closed) {
      writeDone(out, { end: "stuck", report: null, parts: [] });
      for (;;) read(1); // until the parent, which replaces a child after a timeout, ends it
    }
    return text;
  };
  return { out, host };
}

/** Control characters but tab and line end, which could forge a terminal's screen, become escapes. @param {string} text */
function printable(text) {
  const escape = (/** @type {string} */ char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[^\P{Cc}\t\n]|[\u2028\u2029]/gu, escape);
}

/** Whether JSON text nests deeper than `max`; see core/json.ts. @param {string} text @param {number} max */
function nests(text, max) {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > max) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return false;
}

/**
 * Where a text does not parse as a function body (line and column from 1), and why in the engine's words: those about a
 * compiled function may speak of the braces around it. Compiles, never runs.
 *
 * @param {string} code
 */
function syntaxError(code) {
  try {
    compileFunction(code, [], { filename: "bjs-check" });
    return null;
  } catch (error) {
    if (!(error instanceof Error)) return null;
    const lines = String(error.stack).split("\n");
    const line = Number(/^bjs-check:(\d+)$/.exec(lines[0] ?? "")?.[1] ?? 0);
    const column = (lines[2] ?? "").indexOf("^") + 1;
    return line > 0 ? { line, column: Math.max(1, column), why: error.message } : null;
  }
}
/** The first frame of ours in a guest's stack. @param {string} stack */
function stackPlace(stack) {
  const hit = /\bbjs-(body|lib-[\p{ID_Continue}$]+):(\d{1,9}):(\d{1,9})/u.exec(stack);
  return hit === null ? null : { where: hit[1], line: Number(hit[2]), column: Number(hit[3]) };
}

const ADDED_LINES = 2; // before a function's body, by `new Function`
/**
 * The place of what the guest reported, and for a text that does not parse the engine's reason.
 *
 * @param {{stack: string, code: string}} report @param {string[]} parts @param {ReadonlyMap<string, string>} libs
 */
function findPlace(report, parts, libs) {
  if (!report.code.startsWith("compile")) return { place: stackPlace(report.stack) };
  const lib = report.code.slice("compile lib-".length);
  if (lib !== "") {
    const error = syntaxError(libs.get(lib) ?? "");
    if (!error) return { place: null };
    const { line, column, why } = error;
    return { place: { where: `lib-${lib}`, line: line + ADDED_LINES, column }, why };
  }
  for (const [part, code] of [...parts, parts.join("\n")].entries()) {
    const error = syntaxError(code);
    if (!error) continue;
    const { line, column, why } = error;
    return {
      place: part < parts.length ? { where: "part", part, line, column } : { where: "joined", line, column },
      why,
    };
  }
  return { place: null };
}

/** @typedef {ReturnType<typeof createBridge>["out"]} Out */

/**
 * Says what an execution came to; from then on its bridge does nothing.
 *
 * @param {Out} out
 * @param {{end: string, report: {name: string, message: string, stack: string, code: string} | null, parts: string[]}} result
 */
function writeDone(out, { end, report, parts }) {
  out.closed = true;
  const found = report === null ? null : findPlace(report, parts, out.libs);
  const frame = {
    kind: "done",
    end,
    log: out.log,
    droppedLines: out.droppedLines,
    touched: [...out.touched],
    reads: out.reads,
    handlers: out.handlers,
    over: out.over && { code: out.over.code, message: out.over.message },
    error: report && {
      name: report.name,
      message: found?.why ?? report.message,
      code: report.code,
      place: found?.place ?? null,
    },
  };
  // JSON text holds no line end of its own, so the effects follow as lines: the parent reads them when it likes to.
  writeFrame([JSON.stringify(frame), ...out.effects].join("\n"));
}

const { prelude, heapMb } = readFrame();
// Made here, in this process, from our own text alone: code in a snapshot is trusted by the engine.
// The warm-up runs in a context that is thrown away: what stays of it is that the functions it called are compiled.
const snapshot = ivm.Isolate.createSnapshot([{ code: prelude, filename: "bjs-prelude" }], warmUp());

/** A script that goes through the prelude's common ways, against a host that answers nothing. */
function warmUp() {
  const job = {
    parts: [
      "Bot.getProperty('a'); User.setProperty('a', 1, 'integer'); Bot.sendMessage('<a>'); Bot.runCommand('b'); " +
        "Bot.inspect(user); console.log('c'); throw new Error('d')",
    ],
    ...{ libs: [], handler: null, bot_id: 1, user_id: 1, from_http: true, only: null },
    globals: { user: {}, chat: {}, message: "", params: "", content: "", options: { headers: {} } },
  };
  const host = `(op) => (op === "get" ? 'v{"v":1,"t":"integer"}' : "v")`;
  return `globalThis.$host = ${host}; globalThis.$job = ${JSON.stringify(JSON.stringify(job))}; $start();`;
}

/** A warm isolate. Old contexts stay in its heap until the engine's own clean-up, so it is renewed before that is due. */
function createIsolate() {
  const isolate = new ivm.Isolate({
    memoryLimit: heapMb,
    snapshot,
    // The heap is beyond repair: no handler of ours may run on, the parent sees the signal.
    onCatastrophicError: () => process.abort(),
  });
  return { isolate, start: isolate.compileScriptSync("$start()", { filename: "bjs-start" }), executions: 0 };
}
let warm = createIsolate();
writeFrame('{"kind":"ready"}');

for (;;) {
  /** @type {Exec} */ const exec = readFrame();
  const { out, host } = createBridge(exec);
  /** @type {string} */ let end;
  let report = null;
  const { isolate, start } = warm;
  try {
    const context = isolate.createContextSync();
    context.global.setSync("$host", new ivm.Callback(host));
    context.global.setSync("$job", exec.job);
    const text = start.runSync(context, { timeout: exec.timeoutMs });
    end = text === "" ? "ok" : "threw";
    if (end === "threw") report = JSON.parse(String(text));
    context.release();
  } catch {
    // Not the script's own error: those come as text. What this one says is not looked at (it may be the guest's).
    end = isolate.isDisposed ? "memory" : "engine";
  }
  writeDone(out, { end, report, parts: report === null ? [] : JSON.parse(exec.job).parts });
  // After the answer, while nobody waits. An isolate in which the engine had to stop something does not serve again.
  if (++warm.executions >= EXECUTIONS_PER_ISOLATE || end === "engine") {
    if (!isolate.isDisposed) isolate.dispose();
    warm = createIsolate();
  }
}
