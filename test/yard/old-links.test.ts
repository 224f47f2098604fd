import { afterAll, beforeAll, expect, test } from "vitest";
import { createOwnAddresses } from "../../src/bot-files/old-links.ts";
import type { BotDefinition } from "../../src/core/bot.ts";
import { legacyToken } from "../../src/http/links/legacy-token.ts";
import { answerOf, openTestYard } from "./open.ts";
import type { TestYard } from "./open.ts";

const OLD = "https://api.bots.business/v1/bots/";
const PAGES = "https://api.bots.business/v2/bots/";

let yard: TestYard;
beforeAll(async () => {
  yard = await openTestYard({ store: "memory" });
});
afterAll(async () => {
  await yard.end();
});

async function answerTo(botId: number, command: string): Promise<unknown> {
  const link = await yard.makeLink(botId, { command });
  return (await answerOf(link)).body.answer;
}

test("the fixed address in a script, in a library and in @ is this yard's, and the files stay as they are", async () => {
  const commands = {
    "@": `const base = "${OLD}"`,
    "/a": `Bot.sendMessage([base, "${PAGES}1/x", Libs.Old.url(), "https://api.bots.business/other"].join(" "))`,
  };
  const botId = await yard.bot(commands, { Old: `publish({ url: () => "${OLD}7" })` });

  const answer = await answerTo(botId, "/a");
  const files = JSON.stringify(await yard.exportBot(botId));

  const own = `${yard.url}/v1/bots/`;
  expect(answer).toBe(`${own} ${yard.url}/v2/bots/1/x ${own}7 https://api.bots.business/other`);
  expect(files.split(OLD)).toHaveLength(3);
});

test("a script that is not touched by it is handed on as it is, and the same code gives the same copy", () => {
  const bot = (code: string): BotDefinition => ({
    meta: { id: 1, name: "", version: 1, disabled: false, owner_id: null, created_at: "", updated_at: "" },
    commands: [],
    libs: [{ name: "L", code, file: "libs/L.js" }],
  });
  const own = createOwnAddresses(() => ({ links: "https://l.test", pages: "https://p.test" }));
  const [plain, old] = [bot("1"), bot(`"${OLD}" + "${PAGES}"\n"$&"`)];

  expect(own(plain)).toBe(plain);
  expect(own(plain)).toBe(plain);
  expect(own(old).libs[0]?.code).toBe('"https://l.test/v1/bots/" + "https://p.test/v2/bots/"\n"$&"');
  expect(own({ ...old }).libs).toBe(own(old).libs);
});

test("a bot that moves here keeps its old links once its owner says so", async () => {
  const botId = await yard.bot({ "/onWebhook": "Bot.sendMessage('ran ' + content + ' ' + options.legacy)" });
  const token = legacyToken({ botToken: "123:ABC", userId: "", command: "/onWebhook" });
  const link = `${yard.url}/v1/bots/${botId}/new-webhook?&command=%2FonWebhook&public_user_token=${token}&content=x`;
  const before = await answerOf(link);

  const patched = await yard.api("PATCH", `/bots/${botId}`, {
    ...{ legacy_links: true, token: "123:ABC", legacy_api_key: "old", redirect_hosts: ["Good.test:443", "good.test"] },
  });
  const shown = await yard.api("GET", `/bots/${botId}`);
  const after = await answerOf(link);
  const redirected = await answerOf(`${link}&redirect_to=https%3A%2F%2Fgood.test%2F`);
  const byKey = await answerOf(link.replace(/&public_user_token=\w+/, "&api_key=old"));

  expect(before.status).toBe(403);
  expect(patched.body.bot).toMatchObject({ legacy_links: true, has_token: true, redirect_hosts: ["good.test"] });
  expect(JSON.stringify([patched, shown])).not.toMatch(/123:ABC|"old"/);
  expect(after).toMatchObject({ status: 200, body: { answer: "ran x true" } });
  expect(redirected).toMatchObject({ status: 303 });
  expect(redirected.headers.get("location")).toBe("https://good.test/");
  expect(byKey.status).toBe(200);
});

test.each([
  [{ redirect_hosts: ["good.test/path"] }, "redirect_hosts[0]"],
  [{ redirect_hosts: ["https://good.test"] }, "redirect_hosts[0]"],
  [{ redirect_hosts: ["me@good.test"] }, "redirect_hosts[0]"],
  [{ redirect_hosts: ["*.good test"] }, "redirect_hosts[0]"],
  [{ redirect_hosts: [""] }, "redirect_hosts[0]"],
  [{ token: "with blank" }, "token"],
  [{ legacy_links: "on" }, "legacy_links"],
])("settings that are none are refused (%j)", async (body, field) => {
  const botId = await yard.bot({ "/a": "1" });

  const { status, body: answer } = await yard.api("PATCH", `/bots/${botId}`, body);

  expect(status).toBe(400);
  expect(answer.error.field).toBe(field);
});

test("what the placeholder of the token proves is worth nothing", async () => {
  const botId = await yard.bot({ "/a": "Bot.sendMessage(bot.token)" });
  const placeholder = await answerTo(botId, "/a");
  await yard.api("PATCH", `/bots/${botId}`, { legacy_links: true });
  const token = legacyToken({ botToken: String(placeholder), userId: "", command: "/a" });

  const answer = await answerOf(`${yard.url}/v1/bots/${botId}/new-webhook?command=%2Fa&public_user_token=${token}`);

  expect(answer.status).toBe(403);
});
