import type { BotDefinition } from "./core/bot.ts";
import { AppError } from "./core/errors.ts";
import type { Attempt, Ledger, Tx } from "./core/ledger.ts";
import type { LinkRequest } from "./core/link.ts";
import {
  type Outcome,
  propertyRef,
  readPropertyRef,
  type Resolved,
  type RunHost,
  type RunJob,
} from "./core/outcome.ts";
import { type Chat, chatSchema, type User, userSchema } from "./core/people.ts";
import type { PropertyOwner } from "./core/property.ts";
import type { RunRecord } from "./core/run-record.ts";
import { stateKeys } from "./core/state-keys.ts";
import type { Trigger } from "./core/trigger.ts";
import { keptEffects } from "./kept-effects.ts";
import type { Lanes } from "./lanes.ts";
import type { Habits } from "./habits.ts";

export interface FlowDeps {
  ledger: Ledger;
  /** A bot's code as it stands in the run's own view. */
  loadBot: (tx: Tx, botId: number) => Promise<BotDefinition | null>;
  find: (bot: BotDefinition, text: string) => Promise<Resolved>;
  runScript: (job: RunJob, host: RunHost) => Promise<Outcome>;
  makeLink: (botId: number, request: LinkRequest) => Promise<string>;
  lanes: Lanes;
  habits: Habits;
  newRunId: () => string;
  /** Milliseconds since 1970, and since the process began. */
  now: () => number;
  elapsed: () => number;
  log: (line: Record<string, unknown>) => void;
}

/** The way of a trigger: resolve → run → commit. Tries again, from nothing, whatever did not run as if alone. */
export function createFlow(deps: FlowDeps) {
  const { ledger, lanes, log } = deps;

  return async function flow(trigger: Trigger): Promise<RunRecord> {
    const id = deps.newRunId();
    const turn = await lanes.enter(trigger.userId === undefined ? undefined : `${trigger.botId}/${trigger.userId}`);
    const begun = { at: new Date(deps.now()), elapsed: deps.elapsed() };
    try {
      const { record, print } = await ledger.run(
        trigger.botId,
        async (tx, tries): Promise<Attempt<KeptRun>> => {
          const outcome = await attempt(trigger, tx, tries);
          const made = recordOf(trigger, outcome, {
            id,
            tries,
            startedAt: begun.at,
            durationMs: deps.elapsed() - begun.elapsed,
          });
          return { answer: { record: made, ...printOf(trigger) }, record: made };
        },
        {
          run: id,
          accepted: turn.leave,
          ...(trigger.idempotencyKey !== undefined && { key: trigger.idempotencyKey }),
        },
      );
      if (trigger.idempotencyPrint !== print)
        throw new AppError("key_reused", "this Idempotency-Key came before with another request");
      log({ event: "run", ...summary(record) });
      return record;
    } catch (error) {
      if (error instanceof AppError)
        log({ event: "run.refused", runId: id, botId: trigger.botId, source: trigger.source, code: error.code });
      throw error;
    } finally {
      turn.leave();
    }
  };

  async function attempt(trigger: Trigger, tx: Tx, tries: number): Promise<Outcome> {
    const bot = await deps.loadBot(tx, trigger.botId);
    if (!bot) throw new AppError("bot_not_found", `there is no bot ${trigger.botId}`);
    if (bot.meta.disabled) throw new AppError("bot_disabled", `bot ${trigger.botId} is switched off`);
    const spent = trigger.once && stateKeys.spentLink(trigger.once.kid, trigger.once.nonce);
    if (spent !== undefined && (await tx.get(spent)) !== null)
      throw new AppError("link_used", "this link was made for one use and has been used");
    const { host, asked } = createHost(tx, trigger.botId, deps);
    const user = trigger.userId === undefined ? null : await host.user({ id: trigger.userId });
    if (trigger.userId !== undefined && !user)
      throw new AppError("user_unknown", `bot ${trigger.botId} has no user ${trigger.userId}`);
    const chat = user ? await host.chat(user.chat_id) : null;
    const resolved = await deps.find(bot, trigger.command);
    if (resolved.kind === "none") throw new AppError("command_unknown", "the bot has no such command");

    const outcome = await deps.runScript(
      {
        bot,
        resolved,
        message: trigger.message ?? trigger.command,
        user,
        chat,
        content: trigger.content,
        options: trigger.options,
        fromHttp: trigger.source === "link",
        prefetch: () => deps.habits.prefetch(tx, bot, resolved, user),
        tries,
      },
      host,
    );
    if (resolved.note !== undefined)
      outcome.log.unshift({
        level: "warn",
        text: resolved.note,
        command: resolved.kind === "command" ? resolved.command.name : resolved.name,
      });
    deps.habits.learn(bot, resolved, user, asked);
    for (const ref of outcome.touched) {
      const { owner, name } = readPropertyRef(ref);
      tx.touch(stateKeys.property(owner, name));
    }
    if (outcome.error) return outcome;
    for (const [ref, text] of outcome.writes) {
      const { owner, name } = readPropertyRef(ref);
      tx.set(stateKeys.property(owner, name), text);
    }
    if (spent !== undefined) tx.set(spent, "1");
    return outcome;
  }
}

/** What the run may ask while it runs: reads of its own transaction, and links. */
function createHost(tx: Tx, botId: number, { ledger, makeLink }: Pick<FlowDeps, "ledger" | "makeLink">) {
  const asked = new Set<string>(); // properties that were not read ahead
  const user = async (id: number): Promise<User | null> => {
    const text = await tx.get(stateKeys.user(id));
    return text === null ? null : userSchema.parse(JSON.parse(text));
  };
  const host: RunHost = {
    property: (owner: PropertyOwner, name: string) => {
      asked.add(propertyRef(owner, name));
      return tx.get(stateKeys.property(owner, name));
    },
    foreignProperty: (other, name) => ledger.read(other, stateKeys.property(null, name)),
    user: async (by) => {
      if ("id" in by) return user(by.id);
      const id = await tx.get(stateKeys.userByTelegramId(by.telegramid));
      return id === null ? null : user(Number(id));
    },
    chat: async (id): Promise<Chat | null> => {
      const text = await tx.get(stateKeys.chat(id));
      return text === null ? null : chatSchema.parse(JSON.parse(text));
    },
    makeLink: (request) => makeLink(botId, request),
  };
  return { host, asked };
}

function recordOf(
  trigger: Trigger,
  outcome: Outcome,
  { id, tries, startedAt, durationMs }: { id: string; tries: number; startedAt: Date; durationMs: number },
): RunRecord {
  return {
    id,
    bot_id: trigger.botId,
    state: outcome.error ? "failed" : "done",
    source: trigger.source,
    command: trigger.command,
    user_id: trigger.userId ?? null,
    answer: outcome.answer,
    error: outcome.error,
    effects: keptEffects(outcome.effects),
    log: outcome.log,
    started_at: startedAt.toISOString(),
    duration_ms: Math.round(durationMs * 10) / 10,
    tries,
  };
}

/** What stays of a run under its idempotency key. */
interface KeptRun {
  record: RunRecord;
  print?: string;
}

function printOf({ idempotencyPrint }: Trigger): Pick<KeptRun, "print"> {
  return idempotencyPrint === undefined ? {} : { print: idempotencyPrint };
}

function summary(record: RunRecord): Record<string, unknown> {
  const { id, bot_id, state, source, command, user_id, error, effects, duration_ms, tries } = record;
  return {
    runId: id,
    botId: bot_id,
    userId: user_id,
    source,
    command: command.slice(0, 100),
    outcome: state,
    ...(error && { code: error.code, at: `${error.file ?? ""}:${error.line ?? ""}` }),
    effects: effects.length,
    durationMs: duration_ms,
    tries,
  };
}
