import type { Catalog } from "../../../src/core/catalog.ts";
import { BOT, NOW, startYard, TOKEN, type FakeYardParts } from "../fake-yard.ts";

const AT = new Date(NOW).toISOString();
export const META = {
  id: BOT,
  name: "demo",
  version: 1,
  disabled: false,
  owner_id: null,
  created_at: AT,
  updated_at: AT,
};
export const USER = {
  ...{ id: 5, telegramid: null, first_name: "Ann", last_name: "", username: "", language_code: "" },
  ...{ chat_id: 6, created_at: AT, updated_at: AT },
};

/** A catalog in which bot 77 has user 5, and whatever else a test gives it. */
export const catalogWith = (parts: Partial<Catalog> = {}): Partial<Catalog> => ({
  bot: (id) => Promise.resolve(id === BOT ? META : null),
  user: (botId, id) => Promise.resolve(botId === BOT && id === USER.id ? USER : null),
  ...parts,
});

export interface ApiCall {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The API of a fake yard, called with the operator's token. */
export async function startApi(parts: FakeYardParts = {}) {
  const yard = await startYard({ ...parts, catalog: catalogWith(parts.catalog) });
  async function call(path: string, { method, body, headers }: ApiCall = {}) {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`${yard.url}/api/v1${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(text !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    });
    const answered = await answer.text();
    const json = (answered === "" ? null : JSON.parse(answered)) as {
      error?: { code: string; message: string; field?: string };
    } | null;
    return { status: answer.status, json, headers: answer.headers };
  }
  return { ...yard, call };
}
