import type { z } from "zod";
import { errorAnswer, pageAnswer } from "./answers.ts";
import { EXIT, stop } from "./stop.ts";
import type { Exit } from "./stop.ts";

/** Where the server is, without a slash at its end, and the token to show it. */
export interface ServerPlace {
  url: string;
  token: string | undefined;
}

export interface ClientDeps extends ServerPlace {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
}

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH";
  /** Segments below `/api/v1`. */
  path: readonly (string | number)[];
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  body?: unknown;
}

export interface Client {
  call: <S extends z.ZodType>(call: Call, answer: S) => Promise<z.output<S>>;
  /** All of a list, page by page. */
  all: <S extends z.ZodType, T>(call: Call, answer: S, itemsOf: (answer: z.output<S>) => T[]) => Promise<T[]>;
  /** DELETE, which answers with nothing. */
  remove: (call: Omit<Call, "method" | "body">) => Promise<void>;
}

/** A run takes up to 25 s and may wait for its turn before; an import of the largest bot stays below this as well. */
const TIMEOUT_MS = 120_000;
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/**
 * Speaks to a running server.
 *
 * @returns functions that throw with an exit code and a sentence where the server is away, refuses or is none of ours
 */
export function createClient({ fetch, url, token }: ClientDeps): Client {
  async function send({
    method,
    path,
    query = {},
    body,
  }: Omit<Call, "method"> & { method: string }): Promise<Response> {
    if (token !== undefined && !HEADER_TEXT.test(token))
      throw stop(EXIT.auth, "key_invalid", "the token holds blanks or characters beyond ASCII: check BOTYARD_TOKEN");
    const headers: Record<string, string> = {};
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    try {
      return await fetch(addressOf(url, path, query), {
        method,
        headers,
        redirect: "error", // the token is for this server alone
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw away(url, error);
    }
  }

  async function answerOf(response: Response): Promise<unknown> {
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw away(url, error);
    }
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  const refusal = async (response: Response, path: Call["path"]) => {
    const parsed = errorAnswer.safeParse(await answerOf(response));
    if (!parsed.success) return foreign(url, response.status);
    const { code, message } = parsed.data.error;
    const hint = code === "bot_not_found" && path[0] === "bots" && path.length > 1;
    const sentence = hint ? `there is no bot ${path[1] ?? ""}; botyard bots ls shows those that are there` : message;
    if (response.status === 401) return stop(EXIT.auth, code, tokenSentence(url, token));
    return stop(exitOf(code, response.status), code, sentence);
  };

  async function read<S extends z.ZodType>(call: Call, answer: S): Promise<z.output<S>> {
    const response = await send(call);
    if (!response.ok) throw await refusal(response, call.path);
    const parsed = answer.safeParse(await answerOf(response));
    if (!parsed.success) throw foreign(url, response.status);
    return parsed.data;
  }

  return {
    call: read,
    async all(call, answer, itemsOf) {
      const items = [];
      for (let cursor: string | undefined; ;) {
        const page = await read({ ...call, query: { ...call.query, cursor } }, answer);
        items.push(...itemsOf(page));
        const { next } = pageAnswer.safeParse(page).data ?? {};
        if (typeof next !== "string") return items;
        cursor = next;
      }
    },
    async remove(call) {
      const response = await send({ ...call, method: "DELETE" });
      if (response.status !== 204) throw await refusal(response, call.path);
    },
  };
}

function addressOf(url: string, path: Call["path"], query: NonNullable<Call["query"]>): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) fields.set(name, String(value));
  const rest = fields.size === 0 ? "" : `?${fields.toString()}`;
  return `${url}/api/v1/${path.map((part) => encodeURIComponent(part)).join("/")}${rest}`;
}

function exitOf(code: string, status: number): Exit {
  return status === 409 || code === "run_conflict" ? EXIT.conflict : EXIT.failed;
}

function tokenSentence(url: string, token: string | undefined): string {
  return token === undefined
    ? `${url} wants a token and none was found: set BOTYARD_TOKEN, or start this where the server's data folder is`
    : `${url} does not know this token: check BOTYARD_TOKEN, or the file admin-token in the server's data folder`;
}

function away(url: string, error: unknown) {
  const isLate = error instanceof Error && error.name === "TimeoutError";
  const why = isLate ? `no answer within ${TIMEOUT_MS / 1_000} s` : reason(error);
  return stop(
    EXIT.network,
    "server_away",
    `no Botyard answers at ${url} (${why}): start one with npm start, or say with BOTYARD_URL where it is`,
  );
}

function foreign(url: string, status: number) {
  return stop(EXIT.network, "answer_foreign", `what answers at ${url} is no Botyard (status ${status})`);
}

/** The system's own code, which stands in the cause: a fetch itself says no more than that it failed. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : "unknown reason";
}
