import { afterAll, beforeAll, expect, test } from "vitest";
import { API_PREFIX, createEndpoints } from "../../src/http/api/api.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { ADMIN_TOKEN, botFiles, openTestYard, type TestYard } from "./open.ts";

/**
 * Who may call what: a line for each route of the API's own table. `open` is to be let in, `denied` is 403, `missing` is
 * 404 in the words of a thing that does not exist. A route without a line, and a line without a route, fail.
 */
type Verdict = "open" | "denied" | "missing";
/** Owner with the scopes read, deploy, run and admin; then another owner with admin. */
type Row = readonly [read: Verdict, deploy: Verdict, run: Verdict, admin: Verdict, other: Verdict];

const READ: Row = ["open", "denied", "denied", "open", "missing"];
const DEPLOY: Row = ["denied", "open", "denied", "open", "missing"];
const RUN: Row = ["denied", "denied", "open", "open", "missing"];
const ADMIN: Row = ["denied", "denied", "denied", "open", "missing"];
const OPERATOR: Row = ["denied", "denied", "denied", "denied", "denied"];
/** No thing is named, so that there is nothing of somebody else to be missing: what is answered is the caller's own. */
const OWN_READ: Row = ["open", "denied", "denied", "open", "open"];
const OWN_DEPLOY: Row = ["denied", "open", "denied", "open", "open"];

const MATRIX: Record<string, Row> = {
  "GET /me": ["open", "open", "open", "open", "open"],
  "GET /bots": OWN_READ,
  "POST /bots": OWN_DEPLOY,
  "PUT /bots/:botId/code": DEPLOY,
  "GET /bots/:botId": READ,
  "PATCH /bots/:botId": DEPLOY,
  "DELETE /bots/:botId": ADMIN,
  "GET /bots/:botId/files": READ,
  "GET /bots/:botId/restore-points": READ,
  "POST /bots/:botId/restore": DEPLOY,
  "GET /bots/:botId/commands": READ,
  "POST /bots/:botId/commands": DEPLOY,
  "GET /bots/:botId/commands/:commandId": READ,
  "PUT /bots/:botId/commands/:commandId": DEPLOY,
  "PATCH /bots/:botId/commands/:commandId": DEPLOY,
  "DELETE /bots/:botId/commands/:commandId": DEPLOY,
  "GET /bots/:botId/libs": READ,
  "POST /bots/:botId/libs": DEPLOY,
  "GET /bots/:botId/libs/:lib": READ,
  "PATCH /bots/:botId/libs/:lib": DEPLOY,
  "DELETE /bots/:botId/libs/:lib": DEPLOY,
  "GET /bots/:botId/users": READ,
  "POST /bots/:botId/users": RUN,
  "GET /bots/:botId/users/:userId": READ,
  "PATCH /bots/:botId/users/:userId": RUN,
  "DELETE /bots/:botId/users/:userId": RUN,
  "GET /bots/:botId/chats": READ,
  "GET /bots/:botId/chats/:chatId": READ,
  "PATCH /bots/:botId/chats/:chatId": RUN,
  "GET /bots/:botId/properties": READ,
  "GET /bots/:botId/properties/:name": READ,
  "PUT /bots/:botId/properties/:name": RUN,
  "POST /bots/:botId/properties/:name/increment": RUN,
  "DELETE /bots/:botId/properties/:name": RUN,
  "POST /bots/:botId/links": RUN,
  "POST /bots/:botId/runs": RUN,
  "GET /bots/:botId/runs": READ,
  "GET /runs": OWN_READ,
  "GET /runs/:runId": READ,
  "GET /bots/:botId/keys": READ,
  "POST /bots/:botId/keys/rotate": ADMIN,
  "DELETE /bots/:botId/keys/:kid": ADMIN,
  "GET /owners": OPERATOR,
  "POST /owners": OPERATOR,
  "GET /owners/:ownerId": READ,
  "PATCH /owners/:ownerId": OPERATOR,
  "DELETE /owners/:ownerId": OPERATOR,
  "GET /owners/:ownerId/tokens": ADMIN,
  "POST /owners/:ownerId/tokens": ADMIN,
  "DELETE /owners/:ownerId/tokens/:tokenId": ADMIN,
  "GET /audit": OPERATOR,
};

const routes = createEndpoints({} as HttpDeps).map(({ method, path }) => ({ method, path, name: `${method} ${path}` }));

let yard: TestYard;
let tokens: Record<"read" | "deploy" | "run" | "admin" | "other" | "revoked" | "expired" | "switchedOff", string>;
let named: Record<string, string>;

beforeAll(async () => {
  yard = await openTestYard({ processes: 1 });
  const by = { owner_id: null, token_id: null };
  const { owners, catalog } = yard;
  const mine = await owners.createOwner("mine", by);
  const other = await owners.createOwner("other", by);
  const off = await owners.createOwner("off", by);
  const make = async (ownerId: string, scope: "read" | "deploy" | "run" | "admin", expires_at: string | null = null) =>
    owners.createToken(ownerId, { name: scope, scopes: [scope], expires_at }, by);
  const revoked = await make(mine.id, "admin");
  await owners.revokeToken(mine.id, revoked.token.id, by);
  const switchedOff = await make(off.id, "admin");
  await owners.changeOwner(off.id, { disabled: true }, by);
  tokens = {
    read: (await make(mine.id, "read")).text,
    deploy: (await make(mine.id, "deploy")).text,
    run: (await make(mine.id, "run")).text,
    admin: (await make(mine.id, "admin")).text,
    other: (await make(other.id, "admin")).text,
    expired: (await make(mine.id, "admin", new Date(Date.now() - 1).toISOString())).text,
    revoked: revoked.text,
    switchedOff: switchedOff.text,
  };
  const files = botFiles({ "/a": "Bot.sendMessage('a')" }, { L: "publish({})" });
  const { bot } = await yard.importBot(files, undefined, { ownerId: mine.id });
  const { user, chat } = await catalog.addUser(bot.id, { first_name: "Ann" });
  await catalog.setProperty(bot.id, null, "p", 1);
  const run = await yard.run({ botId: bot.id, source: "api", command: "/a", content: "", options: null });
  named = {
    ...{ botId: String(bot.id), commandId: "1", lib: "L", userId: String(user.id), chatId: String(chat.id) },
    ...{ name: "p", runId: run.id, kid: "key_none", ownerId: mine.id, tokenId: "key_none" },
  };
});
afterAll(() => yard.end());

/** A body that no schema takes: whoever is let in hears 400 of it, so that no call changes what the next one needs. */
async function call({ method, path }: { method: string; path: string }, token: string | null, ids = named) {
  const address = path.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? "");
  const hasBody = ["POST", "PUT", "PATCH"].includes(method);
  const answer = await fetch(`${yard.url}${API_PREFIX}${address}${method === "DELETE" ? "?refused=1" : ""}`, {
    method,
    headers: { ...(token !== null && { authorization: `Bearer ${token}` }), "content-type": "application/json" },
    ...(hasBody && { body: '{"refused":1}' }),
  });
  const { error } = (await answer.json()) as { error?: { code: string; message: string } };
  return { status: answer.status, error };
}

function verdictOf(method: string, { status, error }: Awaited<ReturnType<typeof call>>): Verdict | string {
  if (status === 403 && error?.code === "scope_denied") return "denied";
  if (status === 404 && ["bot_not_found", "owner_not_found", "run_not_found"].includes(error?.code ?? ""))
    return "missing";
  if (method === "GET" ? status === 200 : status === 400 && error?.code === "field_invalid") return "open";
  return `${status} ${error?.code ?? ""}`;
}

test("the matrix has a line for each route, and no other", () => {
  expect(Object.keys(MATRIX).sort()).toEqual(routes.map(({ name }) => name).sort());
});

test.each(routes)("$name lets in whom the matrix names, and nobody else", async (route) => {
  const seen = async (token: string | null) => verdictOf(route.method, await call(route, token));

  const [read, deploy, run, admin, other] = MATRIX[route.name] ?? OPERATOR;

  expect({
    operator: await seen(ADMIN_TOKEN),
    read: await seen(tokens.read),
    deploy: await seen(tokens.deploy),
    run: await seen(tokens.run),
    admin: await seen(tokens.admin),
    other: await seen(tokens.other),
    revoked: await seen(tokens.revoked),
    expired: await seen(tokens.expired),
    switchedOff: await seen(tokens.switchedOff),
    altered: await seen(`${tokens.admin.slice(0, -1)}${tokens.admin.endsWith("0") ? "1" : "0"}`),
    none: await seen(null),
  }).toEqual({
    ...{ operator: "open", read, deploy, run, admin, other },
    ...{ revoked: "401 key_invalid", expired: "401 key_invalid", switchedOff: "401 key_invalid" },
    ...{ altered: "401 key_invalid", none: "401 key_missing" },
  });
});

const namesThings = routes.filter(({ name, path }) => path.includes(":") && MATRIX[name]?.[4] === "missing");
test.each(namesThings)("$name answers of what is somebody else's as of what is nowhere", async (route) => {
  const nowhere = { ...named, botId: "9007199254740991", ownerId: "own_none", runId: "run_none" };

  expect(await call(route, tokens.other)).toEqual(await call(route, tokens.other, nowhere));
});
