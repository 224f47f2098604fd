import type { BotDefinition } from "../core/bot.ts";
import { AppError } from "../core/errors.ts";
import { readIntegerId } from "../core/ids.ts";
import { readPropertyRef, type RunHost } from "../core/outcome.ts";
import { z } from "zod";

const linkOptionsSchema = z.object({
  command: z.string(),
  content: z.string().optional(),
  user_id: z.string().optional(),
  redirect_to: z.string().optional(),
  once: z.boolean().optional(),
  exp_at: z.number().nullable().optional(),
  exp_in: z.number().nullable().optional(),
});

export interface QuestionDeps {
  host: RunHost;
  bot: BotDefinition;
  /** What the run knows of its properties; answers are added. */
  known: Map<string, string | null>;
  builtInLibs: ReadonlyMap<string, string>;
  /** Milliseconds since 1970. */
  now?: () => number;
}

const SENT_AHEAD_CHARS = 256 * 1024;

/**
 * Of the properties that a run knows, as many as a frame may carry: a process gets them before it asks, and asks for the
 * others. All of a run's together could be hundreds of megabytes.
 */
export function sentAhead(known: ReadonlyMap<string, string | null>): Record<string, string | null> {
  const out: [string, string | null][] = [];
  let chars = 0;
  for (const [ref, text] of known) {
    const more = ref.length + (text?.length ?? 0);
    if (chars + more > SENT_AHEAD_CHARS) continue;
    chars += more;
    out.push([ref, text]);
  }
  return Object.fromEntries(out);
}

/** Answers what a script's process asks in the middle of a run. The bot and the run are ours; it cannot name others. */
export async function answerQuestion(question: readonly (string | number)[], deps: QuestionDeps): Promise<unknown> {
  const [op, a, b] = question;
  const { host, bot, known } = deps;
  if (op === "get" && typeof a === "string") {
    const seen = known.get(a);
    if (seen !== undefined) return seen;
    const { owner, name } = readPropertyRef(a);
    if (owner !== null && readIntegerId(owner) === undefined) return null;
    const text = await host.property(owner, name);
    known.set(a, text);
    return text;
  }
  if (op === "user" && typeof b === "number") {
    const user = await host.user(a === "t" ? { telegramid: b } : { id: b });
    return user?.id ?? null;
  }
  if (op === "foreign" && typeof a === "number" && typeof b === "string") return host.foreignProperty(a, b);
  if (op === "lib" && typeof a === "string")
    return bot.libs.find(({ name }) => name === a)?.code ?? deps.builtInLibs.get(a) ?? null;
  if (op === "link" && typeof a === "string") return makeLink(a, deps);
  return null;
}

async function makeLink(
  text: string,
  { host, now = Date.now }: QuestionDeps,
): Promise<{ url: string } | { error: string }> {
  const { data: options } = linkOptionsSchema.safeParse(JSON.parse(text));
  if (!options) return { error: "Libs.Webhooks.getUrlFor: its options were garbled by the script" };
  const userId = options.user_id === undefined || options.user_id === "" ? undefined : readIntegerId(options.user_id);
  if (options.user_id && userId === undefined)
    return { error: "Libs.Webhooks.getUrlFor: user_id is not the id of a user" };
  const at =
    options.exp_at !== undefined
      ? options.exp_at
      : options.exp_in === undefined
        ? undefined
        : options.exp_in === null
          ? null
          : now() / 1000 + options.exp_in;
  if (at === null) return { error: "Libs.Webhooks.getUrlFor: exp must be a number of seconds from now, or a Date" };
  try {
    const url = await host.makeLink({
      command: options.command,
      ...(options.content !== undefined && { content: options.content }),
      ...(userId !== undefined && { userId }),
      ...(options.redirect_to !== undefined && { redirectTo: options.redirect_to }),
      ...(at !== undefined && { exp: Math.floor(at) }),
      ...(options.once && { once: true }),
    });
    return { url };
  } catch (error) {
    if (error instanceof AppError) return { error: `Libs.Webhooks.getUrlFor: ${error.message}` };
    throw error;
  }
}
