import ipaddr from "ipaddr.js";
import { availableParallelism } from "node:os";
import { z } from "zod";
import { DEFAULT_RUN_LIMITS, MAX_RUN_TIMEOUT_MS } from "./core/limits.ts";

export const SECRET_KEY_CHARS = 32;
export const ADMIN_TOKEN_CHARS = 24;
const DEFAULT_PORT = 3_000;
const DEFAULT_PAUSE_MS = 60_000;
const DEFAULT_API_CALLS = 6_000;
const DEFAULT_LINK_CALLS = 120_000;
const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is said about a variable: what it is for, what it may be, and whether its value is never shown. */
const aboutSchema = z.object({ about: z.string(), allowed: z.string(), secret: z.literal(true).optional() });

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
const secret = (chars: number) => z.string().refine((text) => text.trim().length >= chars && !/\p{Cc}/u.test(text));

const configSchema = z.object({
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/)
    .default("127.0.0.1")
    .meta({ about: "address to listen on", allowed: "an address or a host name" }),
  PORT: integer(0, 65_535)
    .default(DEFAULT_PORT)
    .meta({ about: "port to listen on; 0 takes a free one", allowed: "a whole number from 0 to 65535" }),
  PUBLIC_URL: z.string().transform(toOrigin).optional().meta({
    about: "origin of the links that are made; absent: the address that is listened on",
    allowed: "an http(s) URL with a host and perhaps a port, such as https://bots.example.org",
  }),
  DATA_DIR: z
    .string()
    .default("./data")
    .meta({ about: "folder of the database and of made secrets", allowed: "a path" }),
  SECRET_KEY: secret(SECRET_KEY_CHARS)
    .optional()
    .meta({
      about: "what the keys of signed links are derived from; absent: made in DATA_DIR",
      allowed: `a text of at least ${SECRET_KEY_CHARS} characters`,
      secret: true,
    }),
  ADMIN_TOKEN: secret(ADMIN_TOKEN_CHARS)
    .regex(/^[\x21-\x7e]*$/)
    .optional()
    .meta({
      about: "the operator's token for the API; absent: made in DATA_DIR",
      allowed: `a text of at least ${ADMIN_TOKEN_CHARS} characters, ASCII without blanks`,
      secret: true,
    }),
  TRUSTED_PROXIES: z.string().transform(toCidrs).default([]).meta({
    about: "proxies whose X-Forwarded-For counts",
    allowed: "addresses and CIDRs with commas between them, such as 127.0.0.1,10.0.0.0/8",
  }),
  SANDBOX_PROCESSES: integer(1, 256).optional().meta({
    about: "processes that run scripts; absent: as many as there are cores",
    allowed: "a whole number from 1 to 256",
  }),
  SANDBOX_PAUSE_MS: integer(0, 86_400_000).default(DEFAULT_PAUSE_MS).meta({
    about: "how long a bot rests whose runs had to be killed; 0: never",
    allowed: "a whole number of milliseconds from 0 to 86400000",
  }),
  RUN_TIMEOUT_MS: integer(100, MAX_RUN_TIMEOUT_MS)
    .default(DEFAULT_RUN_LIMITS.runTimeoutMs)
    .meta({
      about: "wall clock of one run",
      allowed: `a whole number of milliseconds from 100 to ${MAX_RUN_TIMEOUT_MS}`,
    }),
  RUN_MEMORY_MB: integer(128, 4_096)
    .default(DEFAULT_RUN_LIMITS.processMemoryMb)
    .meta({ about: "memory of one script process", allowed: "a whole number of megabytes from 128 to 4096" }),
  LEGACY_LINKS: z.enum(["off", "on"]).default("off").meta({
    about: "whether links in the old form work for bots that do not say it themselves",
    allowed: "off or on",
  }),
  RATE_LIMIT_API: integer(0, 1_000_000_000)
    .default(DEFAULT_API_CALLS)
    .meta({ about: "API calls a minute with one token; 0: no limit", allowed: "a whole number from 0" }),
  RATE_LIMIT_LINKS: integer(0, 1_000_000_000)
    .default(DEFAULT_LINK_CALLS)
    .meta({ about: "calls of good links a minute from one address; 0: no limit", allowed: "a whole number from 0" }),
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default("info")
    .meta({ about: "the least that is logged", allowed: LOG_LEVELS.join(", ") }),
});

export type Config = Readonly<Omit<z.infer<typeof configSchema>, "SANDBOX_PROCESSES"> & { SANDBOX_PROCESSES: number }>;
export type ReadConfig = { kind: "good"; config: Config } | { kind: "wrong"; sentences: string[] };
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The server's configuration. An empty variable counts as absent, save a secret: an empty one is nearly always a secret
 * that failed to arrive.
 *
 * @returns one sentence for each variable that is wrong; none of them shows a secret
 */
export function readConfig(env: Environment = process.env, cores: number = availableParallelism()): ReadConfig {
  const given: Record<string, string> = {};
  for (const [name, field] of Object.entries(configSchema.shape)) {
    const value = env[name];
    if (value !== undefined && (value !== "" || aboutOf(field).secret)) given[name] = value;
  }

  const parsed = configSchema.safeParse(given);
  const wrong = new Set(parsed.error?.issues.map((issue) => String(issue.path[0])));
  const sentences = [...wrong].map((name) => sentence(name, given[name] ?? ""));
  if (env["MONGODB_URI"])
    sentences.push("MONGODB_URI is set, but this version stores its data in SQLite under DATA_DIR only: unset it.");
  if (!parsed.success || sentences.length > 0) return { kind: "wrong", sentences };

  const { SANDBOX_PROCESSES = cores, ...rest } = parsed.data;
  return { kind: "good", config: Object.freeze({ ...rest, SANDBOX_PROCESSES }) };
}

export interface ClientConfig {
  /** Where the server is, without a slash at its end. */
  url: string;
  /** undefined: look for the token's file under `dataDir`. */
  token: string | undefined;
  dataDir: string;
}

/** Where the commands that speak to a running server find it. */
export function readClientConfig(env: Environment = process.env): ClientConfig | { sentence: string } {
  const url = env["BOTYARD_URL"] || DEFAULT_URL;
  const parsed = URL.parse(url);
  if (!parsed || !isHttp(parsed) || parsed.username !== "" || parsed.password !== "")
    return { sentence: "BOTYARD_URL must be an http(s) URL without credentials, such as http://127.0.0.1:3000." };
  const path = parsed.pathname.replace(/\/+$/, "");
  return {
    url: parsed.origin + path,
    token: env["BOTYARD_TOKEN"] || env["ADMIN_TOKEN"] || undefined,
    dataDir: env["DATA_DIR"] || "./data",
  };
}

/** Variables that would turn git to another repository than the one it is told. */
const GIT_PLACES =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX)$/;

/** The environment in which git reads a repository: that of whoever types, with no way to ask and few ways out. */
export function gitEnvironment(env: Environment = process.env): Environment {
  const rest = Object.entries(env).filter(([name]) => !GIT_PLACES.test(name));
  return {
    ...Object.fromEntries(rest),
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_ALLOW_PROTOCOL: "https:http:ssh:git:file",
    GIT_LFS_SKIP_SMUDGE: "1",
    LC_ALL: "C",
  };
}

/** The variables as `--help` lists them. */
export function describeConfig(): string {
  const entry = (name: string, about: string, allowed: string) =>
    `  ${name.padEnd(NAME_COLUMN)}${about}\n${INDENT}${allowed}`;
  const server = Object.entries(configSchema.shape).map(([name, field]) => {
    const { about, allowed } = aboutOf(field);
    const fallback = field.safeParse(undefined).data;
    const isShown = typeof fallback === "string" || typeof fallback === "number";
    return entry(name, about, isShown ? `${allowed}; default: ${fallback}` : allowed);
  });
  const client = [
    entry("BOTYARD_URL", "where the commands find the server", `an http(s) URL; default: ${DEFAULT_URL}`),
    entry(
      "BOTYARD_TOKEN",
      "the token that the commands use",
      "default: ADMIN_TOKEN, else the file admin-token in DATA_DIR",
    ),
  ];
  return ["Environment:", ...server, ...client].join("\n");
}

const NAME_COLUMN = 20;
const INDENT = " ".repeat(NAME_COLUMN + 2);

function aboutOf(field: z.ZodType): z.infer<typeof aboutSchema> {
  return aboutSchema.parse(field.meta());
}

function sentence(name: string, value: string): string {
  const field = Object.entries(configSchema.shape).find(([known]) => known === name)?.[1];
  if (!field) return `${name} is wrong.`;
  const { allowed, secret: isSecret } = aboutOf(field);
  if (!isSecret) return `${name} is ${JSON.stringify(withoutCredentials(value))}: it must be ${allowed}.`;
  const state = value.trim() === "" ? "empty" : "too short or of other characters";
  return `${name} is ${state}: it must be ${allowed}, or be unset.`;
}

function withoutCredentials(value: string): string {
  return value.replace(/\/\/[^/@]*@/, "//…@");
}

function toOrigin(text: string, context: z.RefinementCtx): string {
  const url = URL.parse(text);
  const hasMore = !url || url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username + url.password;
  if (!url || hasMore || !isHttp(url)) context.addIssue({ code: "custom" });
  return url?.origin ?? "";
}

function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

function toCidrs(list: string, context: z.RefinementCtx): string[] {
  return list.split(",").map((part) => {
    const text = part.trim();
    const [address = "", bits] = text.split("/");
    // ipaddr.js also takes short forms such as 10.1, which few mean as it reads them
    const isAddress = ipaddr.IPv6.isValid(address) || ipaddr.IPv4.isValidFourPartDecimal(address);
    if (!isAddress || (bits !== undefined && !ipaddr.isValidCIDR(text))) context.addIssue({ code: "custom" });
    return bits === undefined ? `${address}/${address.includes(":") ? 128 : 32}` : text;
  });
}
