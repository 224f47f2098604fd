// What every command finds around it. Evaluated once for a snapshot of the heap, from which every context starts; the
// host then calls $start() in the fresh context of one command execution. Its value is the text that the run ends with:
// "" after a clean end, else what was thrown, as JSON text.
//
// Three names are gone before the first line of a bot runs: $start itself, $host, the one function out of here (texts
// in, text out), and $job, the run as JSON text. Scripts replace builtins, so all that is needed later is captured here
// first, and nothing below this block looks one up again.
(() => {
  "use strict";
  let host;
  let job;
  const G = globalThis;
  const { parse, stringify } = JSON;
  const { apply, construct, ownKeys } = Reflect;
  const { freeze, defineProperty, create, getOwnPropertyDescriptor } = Object;
  const { isArray } = Array;
  const { fromCharCode } = String;
  const Fn = Function;
  const Err = Error;
  const TypeErr = TypeError;
  const SyntaxErr = SyntaxError;
  const Prox = Proxy;
  const Time = Date;
  const Text = String;
  const Num = Number;
  const finite = Number.isFinite;
  const integral = Number.isInteger;
  const whole = Number.isSafeInteger;
  const dateParse = Date.parse;
  const method = (f) => (self, ...args) => apply(f, self, args);
  const S = String.prototype;
  const slice = method(S.slice);
  const indexOf = method(S.indexOf);
  const lower = method(S.toLowerCase);
  const upper = method(S.toUpperCase);
  const exec = method(RegExp.prototype.exec);
  const matches = (pattern, words) => exec(pattern, words) !== null;
  const trim = method(S.trim);
  const codeAt = method(S.charCodeAt);
  const wellFormed = method(S.toWellFormed);
  const isoText = method(Date.prototype.toISOString);
  const timeOf = method(Date.prototype.getTime);
  const codes = new WeakMap();
  const codeOf = method(WeakMap.prototype.get);
  const mark = method(WeakMap.prototype.set);
  const handlers = create(null);

  // Written by a script, this would read call sites; read by the engine, it could hang whoever asks for a stack.
  defineProperty(Err, "prepareStackTrace", { value: undefined, writable: false, configurable: false });

  /* ---- the bridge ---- */

  const fail = (code, message, Kind = Err) => {
    const error = new Kind(message);
    if (code) mark(codes, error, code);
    return error;
  };
  const isLong = (words) => words !== undefined && words.length > job.call_chars;
  /** Asks the host; its answer is the value as JSON text behind "v", or "e", a code, a space and a sentence of ours. */
  const ask = (op, a, b, c) => {
    const answer = isLong(a) || isLong(b) || isLong(c) ? host("large") : host(op, a, b, c);
    if (answer[0] === "v") return slice(answer, 1);
    const rest = slice(answer, 1);
    const space = indexOf(rest, " ");
    throw fail(slice(rest, 0, space), slice(rest, space + 1));
  };
  const unsupported = (name) => fail("unsupported_member", `${name} is not supported by this version of Botyard yet`);
  const text = (value) => wellFormed(typeof value === "string" ? value : Text(value));
  const warn = (line) => void ask("log", "warn", line);
  const firstLine = (words) => (indexOf(words, "\n") < 0 ? words : slice(words, 0, indexOf(words, "\n")));
  const json = (what, value) => {
    let out;
    try {
      out = stringify(value);
    } catch (error) {
      throw fail("", `${what} cannot be turned into JSON: ${firstLine(thrown(error).message)}`, TypeErr);
    }
    return out === undefined ? undefined : wellFormed(out);
  };

  /* ---- what was thrown, as text: each field is read once, inside the timed run ---- */

  const part = (value, key) => {
    try {
      const got = value[key];
      return typeof got === "string" ? got : "";
    } catch {
      return "";
    }
  };
  const shape = (value) => {
    try {
      return `: ${slice(stringify(value), 0, 300)}`;
    } catch {
      return "";
    }
  };
  const thrown = (value) => {
    if (typeof value === "string") return { name: "", message: value, stack: "" };
    if (typeof value === "symbol") return { name: "", message: "a symbol was thrown", stack: "" };
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return { name: "", message: `${value} was thrown`, stack: "" };
    const name = part(value, "name");
    const message = part(value, "message");
    return { name, message: message || (name ? "" : `an object that is no Error was thrown${shape(value)}`), stack: part(value, "stack") };
  };
  const report = (value) => {
    const { name, message, stack } = thrown(value);
    const code = codeOf(codes, value);
    const field = (key, words, most) => `"${key}":${stringify(wellFormed(slice(words, 0, most)))}`;
    return `{${field("name", name, 100)},${field("message", message, 2000)},${field("stack", stack, 8000)},${field("code", code ?? "", 400)}}`;
  };

  /* ---- properties ---- */

  /* @include property-values */

  /** Whose property: "b" the bot's, "u" the current user's, or "u:ID", "t:TELEGRAMID", "b:BOTID". */
  const ownerOf = (root, options) => {
    if (options !== undefined) {
      if (options.user_id != null) return "u:" + text(options.user_id);
      if (options.user_telegramid != null) return "t:" + text(options.user_telegramid);
      const other = options.bot_id ?? options.other_bot_id;
      if (root === "b" && other != null && text(other) !== text(job.bot_id)) return "b:" + text(other);
    }
    return root;
  };
  const objectForm = (value) => value !== null && typeof value === "object" && !isArray(value) && "name" in value;
  const storage = (root, rootName) => {
    const needUser = (owner, member) => {
      if (owner === "u" && job.user_id === null) throw fail("", `${rootName}.${member} needs a current user, and this run has none`);
    };
    const read = (member, first, fallback) => {
      const form = objectForm(first) ? first : undefined;
      if (form && form.list != null) throw unsupported(`${rootName}.${member}({ list })`);
      const name = text(form ? form.name : first);
      const missing = form && form.default_value !== undefined ? form.default_value : fallback;
      const owner = ownerOf(root, form);
      needUser(owner, member);
      const found = ask("get", owner, name);
      if (found === "") return missing;
      const { v, t } = parse(found);
      return t === "datetime" ? new Time(v) : v;
    };
    const write = (member, first, value, type) => {
      const form = objectForm(first) ? first : undefined;
      if (form && form.list != null) throw unsupported(`${rootName}.${member}({ list })`);
      const name = text(form ? form.name : first);
      const given = form ? form.value : value;
      const owner = ownerOf(root, form);
      needUser(owner, member);
      if (slice(owner, 0, 2) === "b:") throw unsupported(`${rootName}.${member}({ bot_id }) for another bot`);
      if (given === null || given === undefined) return void ask("del", owner, name);
      const title = `property ${stringify(name)}`;
      const date = given instanceof Time;
      if (date && !finite(timeOf(given))) throw fail("", `${title} cannot hold an invalid date`, TypeErr);
      if (typeof given === "number" && !finite(given)) throw fail("", `${title} cannot hold ${given}`, TypeErr);
      const plain = date ? undefined : json(title, given);
      if (!date && plain === undefined) throw fail("", `${title} cannot hold a ${typeof given}`, TypeErr);
      if (!date && plain.length > job.value_bytes) ask("largeValue", name); // before the work on it
      const wanted = form ? form.type : type;
      const kept = coerceProperty(date ? isoText(given) : parse(plain), date ? (wanted ?? "datetime") : wanted);
      if (kept.warning) warn(`${title}: ${kept.warning}`);
      ask("set", owner, name, wellFormed(stringify({ __proto__: null, v: kept.v, t: kept.t })));
    };
    const members = { __proto__: null };
    for (const name of ["getProp", "getProperty"]) members[name] = (first, fallback) => read(name, first, fallback);
    for (const name of ["setProp", "setProperty"]) members[name] = (first, value, type) => write(name, first, value, type);
    for (const name of ["deleteProp", "deleteProperty", "removeProperty"])
      members[name] = (first) => write(name, objectForm(first) ? { ...first, value: null } : first, null);
    return members;
  };

  /* ---- messages and runs ---- */

  const inspect = (value) => {
    try {
      return stringify(value, null, 2) ?? text(value);
    } catch (error) {
      return `[cannot be shown: ${thrown(error).message}]`;
    }
  };
  const plainObject = (value) => value !== null && typeof value === "object" && !isArray(value);
  /** `<Name>` stands for a user's property of that name, else the bot's; anything else stays as it was typed. */
  const filled = (words) => {
    let out = "";
    let from = 0;
    for (;;) {
      const open = indexOf(words, "<", from);
      const close = open < 0 ? -1 : indexOf(words, ">", open);
      if (close < 0) return out + slice(words, from);
      const name = slice(words, open + 1, close);
      const next = indexOf(name, "<");
      if (next >= 0) {
        out += slice(words, from, open + 1);
        from = open + 1;
        continue;
      }
      const found = name === "" || name.length > 256 || indexOf(name, "\0") >= 0 ? "" : (job.user_id !== null && ask("get", "u", name)) || ask("get", "b", name);
      const value = found === "" ? undefined : parse(found).v;
      out += slice(words, from, open) + (value === undefined ? `<${name}>` : typeof value === "object" ? stringify(value) : text(value));
      from = close + 1;
    }
  };
  const sendMessage = (first, second, third) => {
    const form = plainObject(first) && "text" in first ? first : undefined;
    if (first === undefined) return warn("Bot.sendMessage() without a text sends nothing");
    const options = form ?? (plainObject(second) ? second : plainObject(third) ? third : undefined);
    const words = text(form ? form.text : first);
    const copy = options === undefined ? undefined : json("the options of Bot.sendMessage", form ? { ...form, text: undefined } : options);
    const html = options !== undefined && copy !== undefined && lower(text(parse(copy)?.parse_mode ?? "")) === "html";
    ask("message", html ? words : filled(words), copy === "{}" ? undefined : copy);
  };
  const run = (given, extra) => {
    const options = typeof given === "string" ? { ...extra, command: given } : plainObject(given) ? given : {};
    const copy = parse(json("the options of Bot.run", options) ?? "{}");
    if (Num(copy.run_after) > 0) throw unsupported("Bot.run({ run_after })");
    if (copy.bot_id != null && text(copy.bot_id) !== text(job.bot_id)) throw unsupported("Bot.run({ bot_id }) for another bot");
    ask("run", stringify({
      __proto__: null, // no toJSON of a script's making
      command: text(copy.command ?? ""),
      options: copy.options ?? null,
      user_id: copy.user_id ?? null,
      user_telegramid: copy.user_telegramid ?? null,
      chat_id: copy.chat_id ?? null,
      ignore_missing: copy.ignoreMissingCommand === true,
    }));
  };
  const runCommand = (command, options) => run({ command: command == null ? "" : text(command), options });

  /* ---- the seven roots, frozen ---- */

  const root = (title, members, absent) => {
    const out = { __proto__: null, ...members };
    for (const name of absent) out[name] = () => { throw unsupported(`${title}.${name}`); };
    for (const name of ownKeys(out)) if (typeof out[name] === "function") freeze(out[name]);
    return freeze(out);
  };
  /** Stands for something that is not there yet: to name it is fine, to use it says so. */
  const absentThing = (title) => {
    const use = () => { throw unsupported(title); };
    return new Prox(freeze(function () {}), {
      __proto__: null,
      get: (_, key) => { if (typeof key === "symbol") return undefined; throw unsupported(`${title}.${key}`); },
      apply: use,
      construct: use,
    });
  };
  const warned = (title) => () => warn(`${title} does nothing here: it is a feature of a hosted account`);
  const words = (list) => apply(S.split, list, [" "]);

  const Bot = root("Bot", { ...storage("b", "Bot"), sendMessage, inspect: (value) => void ask("message", text(inspect(value)), '{"parse_mode":null}'), run, runCommand },
    words("sendMessageToChatWithId sendMessageToChat sendMessageToAllChats sendMessageToAllPrivateChats editMessage editMessageInChat sendKeyboard sendInlineKeyboard sendInlineKeyboardToChatWithId editInlineKeyboard clearRunAfter runAll setCache clearCache blockChat unblockChat importCSV importGit exportGit"));
  const User = root("User", { ...storage("u", "User"), sendMessage }, words("addToGroup getGroup removeGroup setCache clearCache"));
  const HTTP = root("HTTP", {}, words("get post put delete options patch trace"));
  const WebApp = root("WebApp", {}, words("getUrl render"));
  const AdminPanel = root("AdminPanel", {}, words("setPanel getPanel getPanelValues getPanelValue getPanelField getFieldValue setFieldValue deletePanel"));
  const Api = new Prox(freeze({ __proto__: null }), {
    __proto__: null,
    get: (_, key) => (typeof key === "symbol" ? undefined : freeze(() => { throw unsupported(`Api.${key}`); })),
  });

  /* ---- libraries: evaluated when a script names them ---- */

  const linkUrl = (given, title) => {
    const { command, content, user_id, redirect_to, once, exp, human, confirm } = plainObject(given) ? given : {};
    const name = command == null ? "" : text(command);
    if (name === "") throw fail("", `${title} needs a command`);
    if (human || confirm) throw unsupported(`${title}({ ${human ? "human" : "confirm"} })`);
    const copy = json(`the options of ${title}`, {
      __proto__: null,
      command: name,
      content: content == null ? undefined : typeof content === "object" ? stringify(content) : text(content),
      user_id: user_id == null ? undefined : text(user_id),
      redirect_to: redirect_to == null ? undefined : text(redirect_to),
      once: once ? true : undefined,
      exp_at: exp instanceof Time ? timeOf(exp) / 1000 : undefined,
      exp_in: exp == null || exp instanceof Time ? undefined : Num(exp),
    });
    return parse(ask("link", copy));
  };
  const Webhooks = root("Libs.Webhooks", {
    getUrlFor: (options) => linkUrl(options, "Libs.Webhooks.getUrlFor"),
    getUrl: (options) => linkUrl(options, "Libs.Webhooks.getUrl"),
    getGlobalUrl: (options) => linkUrl(plainObject(options) ? { ...options, user_id: undefined } : options, "Libs.Webhooks.getGlobalUrl"),
    setApiKey: () => warn("Libs.Webhooks.setApiKey does nothing here: links are signed with the bot's own key"),
  }, []);
  /** Whether a text is a function body in which a parameter of this name stands in nothing's way. */
  const takes = (name, code) => {
    try {
      return typeof new Fn(name, code) === "function";
    } catch {
      return false;
    }
  };
  const shared = { __proto__: null, setBotProperty: Bot.setProperty, getBotProperty: Bot.getProperty, setUserProperty: User.setProperty, getUserProperty: User.getProperty };
  const libNames = words("publish on setBotProperty getBotProperty setUserProperty getUserProperty");
  /** A library sees these as parameters, but for those names that it declares for itself. */
  const libBody = (name, code) => {
    const source = `${code}\n//# sourceURL=bjs-lib-${name}`;
    const params = [];
    for (let i = 0; i < libNames.length; i++) params[i] = libNames[i];
    params[libNames.length] = source;
    try {
      return { params, call: construct(Fn, params) };
    } catch {
      params.length = 0;
      for (let i = 0; i < libNames.length; i++) if (takes(libNames[i], code)) params[params.length] = libNames[i];
      params[params.length] = source;
      try {
        return { params, call: construct(Fn, params) };
      } catch (error) {
        throw fail(`compile lib-${name}`, thrown(error).message, SyntaxErr);
      }
    }
  };
  const loaded = create(null);
  const load = (name) => {
    if (name in loaded) return loaded[name];
    loaded[name] = undefined; // a library that names itself while it loads finds nothing, not an endless loop
    try {
      const { params, call } = libBody(name, parse(ask("lib", name)));
      const publish = (exports) => { loaded[name] = exports; };
      const on = (key, fn) => { handlers[text(key)] = fn; };
      const values = [];
      for (let i = 0; i < params.length - 1; i++) values[i] = params[i] === "publish" ? publish : params[i] === "on" ? on : shared[params[i]];
      apply(call, undefined, values);
    } catch (error) {
      delete loaded[name]; // whoever names it again hears the same, not that it is missing
      throw error;
    }
    return loaded[name];
  };
  const shelf = { __proto__: null };
  for (const name of words("ResourcesLib ReferralLib commonLib Random DateTimeFormat Lang CooldownLib MembershipChecker CoinPayments"))
    shelf[name] = absentThing(`Libs.${name}`);
  /** A library that the bot brings wins over a built-in one, but for Webhooks. */
  const libraries = () => {
    for (let i = 0; i < job.libs.length; i++) {
      const name = job.libs[i];
      defineProperty(shelf, name, { enumerable: true, get: () => load(name), configurable: true });
    }
    defineProperty(shelf, "Webhooks", { enumerable: true, value: Webhooks, configurable: true });
    return freeze(shelf);
  };

  /* ---- the globals ---- */

  const ours = words("Libs console");
  const fixed = (name, value) => defineProperty(G, name, { value, writable: false, enumerable: false, configurable: false });
  for (const [name, value] of [["Bot", Bot], ["User", User], ["Api", Api], ["HTTP", HTTP], ["Http", HTTP], ["WebApp", WebApp], ["AdminPanel", AdminPanel]]) {
    ours.push(name);
    fixed(name, value);
  }
  const set = (name, value) => defineProperty(G, name, { value, writable: true, enumerable: false, configurable: true });
  const open = (name, value) => {
    ours.push(name);
    set(name, value);
  };
  /** Made when it is first read; a script may write it as any other global. */
  const lazy = (name, make) => {
    ours.push(name);
    defineProperty(G, name, { get: () => { const value = make(); set(name, value); return value; }, set: (value) => void set(name, value), enumerable: false, configurable: true });
  };
  for (const name of words("List RunAllTask ResLib RefLib CommonLib TopBoardLib SmartBot SmartTasker SmartAmountDialog CurrencyQuote Command"))
    lazy(name, () => absentThing(name));
  lazy("CryptoJS", () => {
    const exports = {};
    const module = { exports };
    apply(new Fn("exports", "module", parse(ask("lib", "$CryptoJS")) + "\n//# sourceURL=bjs-crypto"), undefined, [exports, module]);
    return module.exports;
  });
  lazy("BBAdmin", () => ({ installBot: warned("BBAdmin.installBot"), cloneBot: warned("BBAdmin.cloneBot"), attractUser: warned("BBAdmin.attractUser"), addExtraPointsToIterationQuota: warned("BBAdmin.addExtraPointsToIterationQuota"), curUser: {} }));
  lazy("GoogleAnalytics", () => {
    const out = {};
    for (const name of words("event exception timing pageview social transaction transaction_item")) out[name] = warned(`GoogleAnalytics.${name}`);
    return out;
  });
  const logging = (level) => (...args) => {
    try {
      let line = "";
      for (let i = 0; i < args.length; i++) line += (i ? " " : "") + (typeof args[i] === "string" ? args[i] : inspect(args[i]));
      host("log", level, wellFormed(slice(line, 0, 4000)));
    } catch {} // console never stops a run
  };
  const guestConsole = { log: logging("info"), warn: logging("warn"), error: logging("error") };
  for (const name of words("info debug trace table dir dirxml group groupCollapsed")) guestConsole[name] = guestConsole.log;
  guestConsole.assert = (holds, ...args) => (holds ? undefined : guestConsole.error("assertion failed", ...args));
  for (const name of words("clear count countReset groupEnd time timeEnd timeLog timeStamp profile profileEnd")) guestConsole[name] = () => undefined;
  open("inspect", inspect);
  const B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  open("btoa", (value) => {
    const input = Text(value);
    let out = "";
    for (let i = 0; i < input.length; i += 3) {
      const [a, b, c] = [codeAt(input, i), codeAt(input, i + 1), codeAt(input, i + 2)];
      if (a > 255 || b > 255 || c > 255) throw fail("", "btoa: the text has a character outside Latin-1", TypeErr);
      out += B64[a >> 2] + B64[((a & 3) << 4) | (b >> 4)] + (i + 1 < input.length ? B64[((b & 15) << 2) | (c >> 6)] : "=") + (i + 2 < input.length ? B64[c & 63] : "=");
    }
    return out;
  });
  open("atob", (value) => {
    let input = "";
    for (const char of Text(value)) if (indexOf(" \t\n\f\r", char) < 0) input += char;
    if (input.length % 4 === 0) while (input[input.length - 1] === "=" && input.length % 4 !== 2) input = slice(input, 0, -1);
    let out = "";
    for (let i = 0, bits = 0, have = 0; i < input.length; i++) {
      const six = indexOf(B64, input[i]);
      if (six < 0 || input.length % 4 === 1) throw fail("", "atob: the text is not base64", TypeErr);
      bits = ((bits << 6) | six) & 0xffff;
      have += 6;
      if (have >= 8) out += fromCharCode((bits >> (have -= 8)) & 255);
    }
    return out;
  });
  const anyCase = (headers) => {
    const names = create(null);
    for (const name of ownKeys(headers)) names[lower(name)] = name;
    const real = (target, key) => (typeof key === "string" && getOwnPropertyDescriptor(target, key) === undefined ? (names[lower(key)] ?? key) : key);
    return new Prox(headers, { __proto__: null, get: (target, key) => target[real(target, key)], has: (target, key) => real(target, key) in target });
  };
  for (const name of words("message params options user chat bot command request tgUpdate content http_status http_headers cookies completed_commands_count owner admins iteration_quota payment_plan BB_API_URL statistics data"))
    open(name, undefined);

  /* ---- the run ---- */

  const compile = (namesAndCode) => {
    try {
      return construct(Fn, namesAndCode);
    } catch (error) {
      throw fail("compile", thrown(error).message, SyntaxErr);
    }
  };
  const oneOfOurs = `\\s*(${ours.join("|")})\\s*(?:[=,;}\\]\\r\\n]|in\\b|of\\b|$)`;
  const perhapsInList = new RegExp(`(?:\\bvar|,)${oneOfOurs}`, "g");
  const perhapsInPattern = new RegExp(`(?:\\bvar|[,{[:.])${oneOfOurs}`, "g");
  /**
   * The names of ours that a body declares with `var`: it starts with our value of them, as its parameters (BJS,
   * decision 9). A look at the text finds what may be one, then the engine is asked: such a name may be a parameter, but
   * not a `let` in front of the body.
   */
  const redeclared = (body) => {
    const names = [];
    if (!matches(/\bvar\b/, body)) return names;
    const perhaps = matches(/\bvar\s*[{[]/, body) ? perhapsInPattern : perhapsInList;
    const asked = create(null);
    perhaps.lastIndex = 0;
    for (let hit = exec(perhaps, body); hit !== null; hit = exec(perhaps, body)) {
      const name = hit[1];
      perhaps.lastIndex -= hit[0].length - 1; // what ends one name may begin the next
      if (asked[name]) continue;
      asked[name] = true;
      if (!takes("", `let ${name};\n${body}`) && takes(name, body)) names[names.length] = name;
    }
    return names;
  };
  const engineOwn = ["WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry"];
  const start = () => {
    host = G.$host;
    job = parse(G.$job);
    delete G.$host;
    delete G.$job;
    delete G.$start;
    for (let i = 0; i < engineOwn.length; i++) delete G[engineOwn[i]];
    G.console = guestConsole;
    fixed("Libs", libraries());
    const names = ownKeys(job.globals);
    for (let i = 0; i < names.length; i++) G[names[i]] = job.globals[names[i]];
    if (job.from_http && plainObject(job.globals.options?.headers)) G.options.headers = anyCase(G.options.headers);
  };

  /** Loads every library and tells which names they handle. */
  const tellHandlers = () => {
    for (let i = 0; i < job.libs.length; i++) {
      try {
        load(job.libs[i]);
      } catch (error) {
        warn(`library ${job.libs[i]} did not load: ${thrown(error).message}`);
      }
    }
    const keys = ownKeys(handlers);
    let list = "";
    for (let i = 0; i < keys.length; i++) list += (i ? "," : "") + stringify(keys[i]);
    ask("handlers", `[${list}]`);
  };
  /** A library that does not load is only to blame where no other one handles the name. */
  const handlerOf = (name) => {
    let failure;
    for (let i = 0; i < job.libs.length; i++) {
      try {
        load(job.libs[i]);
      } catch (error) {
        failure ??= { error };
      }
    }
    const handler = handlers[name];
    if (typeof handler === "function") return () => apply(handler, undefined, []);
    throw failure ? failure.error : fail("", `no library handles ${stringify(name)} any more`);
  };
  const runBody = () => {
    const handler = job.handler === null ? undefined : handlerOf(job.handler);
    // Each part must be a function body by itself: no text can close the function and run outside it.
    if (job.parts.length > 1) for (let i = 0; i < job.parts.length; i++) compile([job.parts[i]]);
    let body = "";
    for (let i = 0; i < job.parts.length; i++) body += (i ? "\n" : "") + job.parts[i];
    const names = redeclared(body);
    const values = [];
    for (let i = 0; i < names.length; i++) values[i] = G[names[i]];
    if (handler) values[names.length] = handler;
    names[names.length] = `${body}\n//# sourceURL=bjs-body`;
    apply(compile(names), undefined, values);
  };

  G.$start = () => {
    start();
    try {
      if (job.only === "handlers") tellHandlers();
      else runBody();
      return "";
    } catch (error) {
      return report(error);
    }
  };
})();
