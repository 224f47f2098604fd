import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEndpoints } from "../../src/http/api/api.ts";
import type { HttpDeps } from "../../src/http/deps.ts";
import { botFiles, openTestYard, type TestYard } from "./open.ts";

const SEQUENCES = 60;
const CALLS = 25;
const BUDGET_MS = 12_000;
const by = { owner_id: null, token_id: null };

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard({ processes: 2, store: "memory" });
});
afterAll(() => yard.end());

const endpoints = createEndpoints({} as HttpDeps);
const routes = endpoints.filter(({ need }) => need !== "operator").map(({ method, path }) => ({ method, path }));

/** A call whose names are partly its own, partly those of the other owner, and partly nobody's. */
const anyCall = fc.record({
  who: fc.constantFrom(0, 1),
  route: fc.constantFrom(...routes),
  whose: fc.constantFrom(0, 1, 2),
  body: fc.nat(3),
  place: fc.constantFrom("1", "2", "p", "L", "/a", "%2e%2e"),
});

const MARKS = ["mark-of-the-first", "mark-of-the-second"] as const;

/** Bodies that fit, each with the mark of the one who writes it. */
function bodyOf(path: string, mark: string): unknown {
  const files = botFiles({ "/a": `Bot.setProperty('p', '${mark}'); Bot.sendMessage('${mark}')` }, { L: `// ${mark}` });
  if (path === "/bots" || path.endsWith("/code")) return { files };
  if (path.endsWith("/commands")) return { name: `/c-${mark}`, code: `// ${mark}` };
  if (path.includes("/commands/")) return { name: `/d-${mark}`, code: `// ${mark}` };
  if (path.endsWith("/libs")) return { name: mark, code: `// ${mark}` };
  if (path.includes("/libs/")) return { code: `// ${mark}` };
  if (path.includes("/users")) return { first_name: mark };
  if (path.includes("/chats")) return { title: mark };
  if (path.endsWith("/increment")) return { by: 1 };
  if (path.includes("/properties")) return { value: mark };
  if (path.endsWith("/links") || path.endsWith("/runs")) return { command: "/a", content: mark };
  if (path.endsWith("/tokens")) return { name: mark, scopes: ["read"] };
  if (path === "/bots/:botId") return { name: mark };
  return {};
}

test("random calls of two owners show neither anything of the other, and none ends in a fault of ours", async () => {
  const statuses = new Map<number, number>();
  const sequence = fc.asyncProperty(fc.array(anyCall, { minLength: CALLS, maxLength: CALLS }), async (calls) => {
    const owners = await Promise.all(
      MARKS.map(async (mark) => {
        const owner = await yard.owners.createOwner(mark, by);
        const made = { name: mark, scopes: ["admin" as const], expires_at: null };
        const { text, token } = await yard.owners.createToken(owner.id, made, by);
        const { bot } = await yard.importBot(botFiles({ "/a": `// ${mark}` }), undefined, { ownerId: owner.id });
        const start = { botId: bot.id, source: "api" as const, command: "/a", content: mark, options: null };
        return { id: owner.id, text, tokenId: token.id, bot: bot.id, run: (await yard.run(start)).id };
      }),
    );
    const before = await Promise.all(owners.map(stateOf));
    const wrote = [false, false];

    for (const { who, route, whose, body, place } of calls) {
      const names = owners[whose] ?? { id: "own_none", tokenId: "key_none", bot: 2 ** 50, run: "run_none" };
      const ids: Record<string, string> = {
        ...{ botId: String(names.bot), ownerId: names.id, runId: names.run, tokenId: "key_none", kid: "key_none" },
        ...{ commandId: place, userId: place, chatId: place, lib: place, name: place },
      };
      const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(ids[name] ?? ""));
      const hasBody = ["POST", "PUT", "PATCH"].includes(route.method);
      const answer = await fetch(`${yard.url}/api/v1${path}`, {
        method: route.method,
        headers: { authorization: `Bearer ${owners[who]?.text ?? ""}`, "content-type": "application/json" },
        ...(hasBody && { body: JSON.stringify(body === 3 ? {} : bodyOf(route.path, MARKS[who] ?? "")) }),
      });
      const text = await answer.text();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (route.method !== "GET") wrote[who] = true;

      const isScripts = answer.status === 503 && route.path.endsWith("/runs"); // the script's fault, not ours
      if (answer.status >= 500 && !isScripts) throw new Error(`${route.method} ${path}: ${answer.status} ${text}`);
      const other = MARKS[1 - who] ?? "";
      if (text.includes(other)) throw new Error(`${route.method} ${path} shows ${other}: ${text.slice(0, 500)}`);
    }

    for (const [i, owner] of owners.entries()) if (!wrote[i]) expect(await stateOf(owner)).toEqual(before[i]);
  });

  await fc.assert(sequence, { numRuns: SEQUENCES, interruptAfterTimeLimit: BUDGET_MS, endOnFailure: true });

  expect(statuses.get(200) ?? 0).toBeGreaterThan(50); // they did get at something
  expect(statuses.get(404) ?? 0).toBeGreaterThan(50);
});

async function stateOf({ bot, id }: { bot: number; id: string }) {
  const [definition, properties, users] = [
    await yard.catalog.definition(bot),
    await yard.catalog.properties(bot).catch(() => null),
    await yard.catalog.users(bot).catch(() => null),
  ];
  return { definition, properties, users, owner: await yard.owners.owner(id) };
}
