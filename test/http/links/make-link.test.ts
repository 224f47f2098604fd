import fc from "fast-check";
import { expect, test } from "vitest";
import type { LinkRequest } from "../../../src/core/link.ts";
import { createMakeLink } from "../../../src/http/links/make-link.ts";
import { createVerifyLink } from "../../../src/http/links/verify-link.ts";
import { readQuery } from "../../../src/http/query-pairs.ts";
import { BOT, linkSecret, NOW, PUBLIC_URL } from "../fake-yard.ts";

const linkKeys = (botId: number) =>
  Promise.resolve(botId === BOT ? [{ kid: "key_1", created_at: "", expires_at: null }] : []);
const now = () => NOW;
const makeLink = createMakeLink({ linkKeys, linkSecret, publicUrl: () => PUBLIC_URL, now, nonce: () => "n0nce" });
const verifyLink = createVerifyLink({ linkKeys, linkSecret, now });
const queryOf = (link: string) => readQuery(link.slice(link.indexOf("?") + 1));

test("makes links under the public address and the one path, in canonical order", async () => {
  const link = await makeLink(BOT, { command: "/a b", content: "c", userId: 5, once: true });

  expect(link).toMatch(
    /^https:\/\/yard\.example\/v1\/bots\/77\/new-webhook\?command=%2Fa%20b&content=c&kid=key_1&once=n0nce&s=command%2Ccontent%2Ckid%2Conce%2Cuser_id&user_id=5&sig=[\w-]{43}$/,
  );
});

test("makes links that say what they were asked to say, whatever the text", async () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 200 });
  const wishes = fc.record<LinkRequest>(
    {
      command: text.filter((command) => command.trim() !== ""),
      content: text,
      userId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      redirectTo: fc.webUrl({ withQueryParameters: true }).map((url) => new URL(url).href),
      exp: fc.integer({ min: NOW / 1000 + 1, max: 253_402_300_799 }),
      once: fc.boolean(),
    },
    { requiredKeys: ["command"] },
  );
  await fc.assert(
    fc.asyncProperty(wishes, async (wish) => {
      const { once, content = "", ...rest } = wish;

      const link = await verifyLink(BOT, queryOf(await makeLink(BOT, wish)));

      const mark = once === true ? { once: "n0nce" } : {};
      expect(link).toEqual({ botId: BOT, kid: "key_1", content, ...rest, ...mark });
    }),
  );
});

test("makes lone surrogates well formed, since they have no bytes", async () => {
  const link = await verifyLink(BOT, queryOf(await makeLink(BOT, { command: "/a\uD800", content: "\uDC00b" })));

  expect(link).toMatchObject({ command: "/a\uFFFD", content: "\uFFFDb" });
});

test("signs links of another bot and under another key differently", async () => {
  const link = queryOf(await makeLink(BOT, { command: "/go" }));
  const foreign = createVerifyLink({ linkKeys, linkSecret: (botId) => linkSecret(botId, "key_2"), now });
  const purpose = createVerifyLink({
    linkKeys,
    linkSecret: () => Buffer.from("a key for sealing tokens at rest"),
    now,
  });

  for (const verify of [foreign, purpose])
    await expect(verify(BOT, link)).rejects.toMatchObject({ code: "link_signature_invalid" });
  await expect(verifyLink(78, link)).rejects.toMatchObject({ code: "link_signature_invalid" });
});

test.each<[string, LinkRequest, string]>([
  ["no command", { command: " " }, "field_invalid"],
  ["a past expiry", { command: "/a", exp: NOW / 1000 }, "field_invalid"],
  ["half a second", { command: "/a", exp: NOW / 1000 + 0.5 }, "field_invalid"],
  ["an expiry that is no number", { command: "/a", exp: Number.NaN }, "field_invalid"],
  ["an expiry in the year 10000", { command: "/a", exp: 253_402_300_800 }, "field_invalid"],
  ["a user that is no id", { command: "/a", userId: 1.5 }, "field_invalid"],
  ["user 0", { command: "/a", userId: 0 }, "field_invalid"],
  ["a redirect to a script", { command: "/a", redirectTo: "javascript:alert(1)" }, "redirect_invalid"],
  ["an empty redirect", { command: "/a", redirectTo: "" }, "redirect_invalid"],
  ["more content than a link can hold", { command: "/a", content: "ü".repeat(1_024) }, "field_invalid"],
])("refuses to make a link with %s", async (_, wish, code) => {
  await expect(makeLink(BOT, wish)).rejects.toMatchObject({ code });
});

test("refuses to make a link of a bot that is not there", async () => {
  await expect(makeLink(78, { command: "/a" })).rejects.toMatchObject({ code: "bot_not_found" });
});
