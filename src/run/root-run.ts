import { readIntegerId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import {
  JSON_DEPTH,
  MESSAGE_TEXT_BYTES,
  PROPERTY_NAME_CHARS,
  PROPERTY_VALUE_BYTES,
  type RunLimits,
} from "../core/limits.ts";
import type { Effect } from "../core/effect.ts";
import {
  type Outcome,
  propertyRef,
  readPropertyRef,
  type Resolved,
  type RunHost,
  type RunJob,
} from "../core/outcome.ts";
import { createBudget } from "./budget.ts";
import { type GuestEffect, type GuestRun, readEffects } from "./guest-effects.ts";
import { type Execution, guestJob } from "./guest-job.ts";
import type { HandlersRead } from "./handlers.ts";
import { fillPlaceholders } from "./placeholders.ts";
import type { Fault, Lease } from "./pool.ts";
import { answerQuestion, sentAhead } from "./questions.ts";
import { type BodyPart, bodyParts } from "./source-map.ts";
import { lost, RunEnd, runEnd, timedOut, verdict, type Where } from "./verdict.ts";

/**
 * `none`: perhaps because of a library that did not load; `lost`: the libraries that were to tell it cost the run its
 * child.
 */
export type Found =
  | Exclude<Resolved, { kind: "none" }>
  | { kind: "none"; why: readonly string[] }
  | Extract<HandlersRead, { kind: "lost" }>;

export interface RootRunDeps {
  host: RunHost;
  /** What was read ahead, by `owner/name`. */
  prefetched: ReadonlyMap<string, string | null>;
  limits: RunLimits;
  /** Finds what a command text names, handlers of libraries included, with the run's own child where it needs one. */
  find: (text: string) => Promise<Found>;
  /** Host of our API for old libraries, as in `BB_API_URL`. */
  apiHost: string;
  builtInLibs: ReadonlyMap<string, string>;
}

/** Runs one root command and the sub-commands that it asks for, in one child, and says what they came to. */
export async function runRoot(job: RunJob, lease: Lease, deps: RootRunDeps): Promise<Outcome> {
  const { limits, host, prefetched } = deps;
  const { bot } = job;
  const outcome: Outcome = { error: null, answer: null, effects: [], writes: new Map(), log: [], touched: new Set() };
  const budget = createBudget(limits, outcome.log);
  const known = new Map(prefetched);
  let executions = 0;

  async function execute(execution: Execution, depth: number): Promise<void> {
    const { resolved, chat } = execution;
    const command = resolved.kind === "command" ? resolved.command : null;
    const name = resolved.kind === "handler" ? resolved.name : (command?.name ?? "@");
    const at: Where = { name, file: command?.file ?? null };
    if (command?.need_reply)
      throw runEnd("unsupported_member", "commands that wait for a reply (need_reply) cannot run yet", at);
    if (command) await sendAnswer(command.answer, execution, at);
    const parts = bodyParts(bot, command).filter((part) => part.command !== null || resolved.kind === "handler");
    const effects = await inChild(execution, parts, at);

    keepWrites(effects);
    for (const effect of asTheyHappen(effects)) {
      if (effect.kind === "run") await subCommand(effect.run, execution, { at, depth: depth + 1 });
      else note(effect, at, chat?.id ?? null);
    }
  }

  /** What a script wrote stands before its sub-commands run: they come when the script has ended. */
  function keepWrites(effects: readonly GuestEffect[]): void {
    for (const effect of effects) {
      if (effect.kind !== "setProperty" && effect.kind !== "deleteProperty") continue;
      const text = effect.kind === "setProperty" ? effect.property.text : null;
      outcome.writes.set(effect.key, text);
      known.set(effect.key, text);
    }
  }

  function note(effect: Exclude<GuestEffect, { kind: "run" }>, { name }: Where, chatId: number | null): void {
    if (effect.kind !== "sendMessage") {
      outcome.effects.push(propertyEffect(effect, name));
      return;
    }
    const { text, options } = effect;
    send({ text, by: name, chatId, ...(options && { options }) });
    outcome.answer = text;
  }

  function send(message: { text: string; by: string; chatId: number | null; options?: Record<string, Json> }): void {
    const { text, by, chatId, options } = message;
    outcome.effects.push({ kind: "sendMessage", by, chat_id: chatId, text, ...(options && { options }) });
    if (chatId !== null) return;
    const words = "there is no chat here: the message is not sent, its text is only the answer";
    budget.write({ level: "warn", text: words, command: by });
  }

  /** A command's own Answer: sent before its script, and never the answer of the call. */
  async function sendAnswer(answer: string, { chat, user }: Execution, at: Where): Promise<void> {
    if (answer.trim() === "" || !chat) return;
    const own = async (name: string): Promise<string | null> =>
      user ? property(propertyRef(user.id, name), at) : null;
    const find = async (name: string): Promise<string | null> =>
      (await own(name)) ?? (await property(propertyRef(null, name), at));
    const text = await fillPlaceholders(answer, { find, maxChars: MESSAGE_TEXT_BYTES });
    if (text === null || Buffer.byteLength(text) > MESSAGE_TEXT_BYTES)
      throw runEnd("limit_bytes", `the Answer of the command has more than ${MESSAGE_TEXT_BYTES} bytes`, at);
    send({ text, by: at.name, chatId: chat.id });
    const tooMuch = budget.takeEffect(text, at);
    if (tooMuch) throw tooMuch;
  }

  async function property(ref: string, at: Where): Promise<string | null> {
    touch([ref]);
    const seen = known.get(ref);
    if (seen !== undefined) return seen;
    const tooMany = budget.takeRead(at);
    if (tooMany) throw tooMany;
    const { owner, name } = readPropertyRef(ref);
    const text = await host.property(owner, name);
    known.set(ref, text);
    return text;
  }
  function touch(refs: readonly string[]): void {
    for (const ref of refs) if (prefetched.has(ref) && !outcome.writes.has(ref)) outcome.touched.add(ref);
  }

  async function subCommand(
    run: GuestRun,
    from: Execution,
    { at, depth }: { at: Where; depth: number },
  ): Promise<void> {
    const tooMany = budget.takeSubCommand(depth, at);
    if (tooMany) throw tooMany;
    const { user, chat } = await targetOf(run, { from, host, at });
    const effect = { kind: "run", by: at.name, command: run.command } as const;
    outcome.effects.push({ ...effect, user_id: user?.id ?? null, chat_id: chat?.id ?? null });
    if (run.command.trim() === "") {
      budget.write({ level: "warn", text: "a command with an empty name is not run", command: at.name });
      return;
    }
    const resolved = await deps.find(run.command);
    if (resolved.kind === "lost") throw lost(resolved.why, resolved.signal, { limits, at });
    if (resolved.kind === "none" && !run.ignore_missing) {
      const text = `command not found: ${run.command.slice(0, 200)}`;
      budget.write({ level: "error", text, command: at.name });
      for (const why of resolved.why) budget.write({ level: "warn", text: why, command: at.name });
      return;
    }
    if (resolved.kind !== "none" && resolved.note !== undefined)
      budget.write({ level: "warn", text: resolved.note, command: at.name });
    const execution: Execution = {
      resolved: resolved.kind === "none" ? { kind: "surroundings" } : resolved,
      message: run.command,
      user,
      chat,
      content: "",
      options: run.options,
      fromHttp: false,
      completedCommands: executions,
    };
    await execute(execution, depth);
  }

  async function inChild(execution: Execution, parts: BodyPart[], at: Where): Promise<GuestEffect[]> {
    const leftMs = lease.leftMs();
    if (leftMs <= 0) throw timedOut(limits, at);
    const result = await lease.exec(
      {
        job: guestJob(bot, execution, { parts, apiHost: deps.apiHost }),
        userId: execution.user?.id ?? null,
        timeoutMs: Math.ceil(leftMs),
        known: sentAhead(known),
        left: budget.left(),
        caps: {
          valueBytes: PROPERTY_VALUE_BYTES,
          nameChars: PROPERTY_NAME_CHARS,
          messageBytes: MESSAGE_TEXT_BYTES,
          depth: JSON_DEPTH,
          logLineChars: limits.logLineChars,
          effects: limits.effects,
          effectBytes: limits.effectBytes,
          reads: limits.reads,
        },
      },
      (question) => answerQuestion(question, { host, bot, known, builtInLibs: deps.builtInLibs }),
    );
    executions++;
    if (result.kind === "lost") {
      touch([...prefetched.keys()]); // it cannot say any more which of them it read
      throw lost(result.why, result.signal, { limits, at });
    }
    const { frame } = result;
    touch(frame.touched);
    const tooMuch = budget.take(frame, at);
    const failure = verdict(frame, { limits, at, parts, libs: bot.libs, late: lease.leftMs() <= 0 }) ?? tooMuch;
    const effects = await readEffects(frame.effects);
    if (!effects) throw lost("crashed", null, { limits, at });
    if (!failure) return effects;
    for (const effect of effects) noteUndone(effect, execution, at);
    throw failure;
  }

  /** What a failed execution asked for stays in the record: it says what would have been done. */
  function noteUndone(effect: GuestEffect, { user, chat }: Execution, at: Where): void {
    if (effect.kind !== "run") note(effect, at, chat?.id ?? null);
    else {
      const { command } = effect.run;
      const to = { user_id: user?.id ?? null, chat_id: chat?.id ?? null };
      outcome.effects.push({ kind: "run", by: at.name, command, ...to });
    }
  }

  let fault: Fault | undefined;
  try {
    const { resolved, message, user, chat, content, options, fromHttp } = job;
    await execute({ resolved, message, user, chat, content, options, fromHttp, completedCommands: 0 }, 0);
  } catch (error) {
    if (!(error instanceof RunEnd)) throw error;
    outcome.error = error.error;
    outcome.answer = null;
    fault = error.fault;
  } finally {
    lease.release(fault);
  }
  budget.closeLog();
  return outcome;
}

/** What is written stands at once, all else waits in the queue: writes behind a sub-command are there before it runs. */
function asTheyHappen(effects: readonly GuestEffect[]): readonly GuestEffect[] {
  const first = effects.findIndex(({ kind }) => kind === "run");
  if (first < 0) return effects;
  const isWrite = ({ kind }: GuestEffect): boolean => kind === "setProperty" || kind === "deleteProperty";
  const rest = effects.slice(first);
  return [...effects.slice(0, first), ...rest.filter(isWrite), ...rest.filter((effect) => !isWrite(effect))];
}

interface TargetDeps {
  from: Execution;
  host: RunHost;
  at: Where;
}

/** Whom a sub-command runs for: the caller's own user and chat, or others of this bot. */
async function targetOf(run: GuestRun, { from, host, at }: TargetDeps): Promise<Pick<Execution, "user" | "chat">> {
  const { user_id, user_telegramid, chat_id } = run;
  if (user_id === null && user_telegramid === null && chat_id === null) return from;
  const missing = (what: string, id: Json): RunEnd =>
    runEnd("script_failed", `Bot.run: there is no ${what} ${JSON.stringify(id).slice(0, 60)}`, at);
  const id = readIntegerId(user_id);
  const telegramid = readIntegerId(user_telegramid);
  const by = id !== undefined ? { id } : telegramid !== undefined ? { telegramid } : undefined;
  const user = by ? await host.user(by) : null;
  if ((user_id !== null || user_telegramid !== null) && !user) throw missing("user", user_id ?? user_telegramid);
  const chatId = chat_id === null ? user?.chat_id : readIntegerId(chat_id);
  const chat = chatId === undefined ? null : await host.chat(chatId);
  if (chat_id !== null && !chat) throw missing("chat", chat_id);
  if (user || chat?.user_id == null) return { user, chat };
  return { user: await host.user({ id: chat.user_id }), chat };
}

function propertyEffect(effect: Extract<GuestEffect, { kind: "setProperty" | "deleteProperty" }>, by: string): Effect {
  const { owner, name } = readPropertyRef(effect.key);
  if (effect.kind === "deleteProperty") return { kind: "deleteProperty", by, user_id: owner, name };
  const { v, t } = effect.property;
  return { kind: "setProperty", by, user_id: owner, name, value: v, type: t };
}
