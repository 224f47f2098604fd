import type { BotDefinition, Command } from "./bot.ts";
import type { Effect } from "./effect.ts";
import type { JsonObject } from "./json.ts";
import type { LinkRequest } from "./link.ts";
import type { Chat, User } from "./people.ts";
import type { PropertyOwner } from "./property.ts";
import type { LogLine, RunError } from "./run-record.ts";

/** What a command text came to: a command, a library's handler, or neither. `note`: it was spelt another way. */
export type Resolved =
  | { kind: "command"; command: Command; params: string; note?: string }
  | { kind: "handler"; name: string; params: string; note?: string }
  | { kind: "none" };

/** One root run, ready to start: everything that is known before the first line of the script. */
export interface RunJob {
  bot: BotDefinition;
  resolved: Exclude<Resolved, { kind: "none" }>;
  message: string;
  user: User | null;
  chat: Chat | null;
  content: string;
  options: JsonObject | null;
  /** Came over HTTP: `options.headers` is read in any letter case. */
  fromHttp: boolean;
  /**
   * Reads ahead the properties that the script is likely to want: texts (JSON of a Property, null: none) by
   * `owner/name` (propertyRef). Asked for when the run has its turn.
   */
  prefetch: () => Promise<ReadonlyMap<string, string | null>>;
  /** From 1. A run that has to be repeated goes before those that have not begun, and in the end alone. */
  tries: number;
}

/** What a run may ask of the rest of the yard while its script waits. */
export interface RunHost {
  /** A property as the run's own transaction sees it. */
  property(owner: PropertyOwner, name: string): Promise<string | null>;
  /** A property of another bot: a plain read, outside the as-if-alone rule. */
  foreignProperty(botId: number, name: string): Promise<string | null>;
  user(by: { id: number } | { telegramid: number }): Promise<User | null>;
  chat(id: number): Promise<Chat | null>;
  makeLink(request: LinkRequest): Promise<string>;
}

/** What a run came to. It has changed nothing yet: `writes` and `effects` become true with the commit. */
export interface Outcome {
  error: RunError | null;
  answer: string | null;
  effects: Effect[];
  /** The last value of each property that was written, by `owner/name`; null: deleted. */
  writes: Map<string, string | null>;
  log: LogLine[];
  /** Prefetched properties that a script read. */
  touched: Set<string>;
}

/** Names a property across the sandbox's border: `b/name`, or `42/name` for a user's. */
export function propertyRef(owner: PropertyOwner, name: string): string {
  return `${owner === null ? "b" : owner}/${name}`;
}
export function readPropertyRef(ref: string): { owner: PropertyOwner; name: string } {
  const slash = ref.indexOf("/");
  const owner = ref.slice(0, slash);
  return { owner: owner === "b" ? null : Number(owner), name: ref.slice(slash + 1) };
}
