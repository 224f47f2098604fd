import fc from "fast-check";
import { expect, test } from "vitest";
import { redirectTarget } from "../../../src/http/links/redirect-target.ts";

test.each([
  "//evil.test",
  "/\\evil.test",
  "\\\\evil.test",
  "https:evil.test",
  "https:/evil.test",
  "https:///evil.test",
  "https:\\\\evil.test",
  "https://good.test\\@evil.test",
  "https://evil.test\\.good.test",
  "/ok",
  "/ok\r\nSet-Cookie:a=b",
  "https://good.test/\r\nSet-Cookie:a=b",
  "https://good.test/\u0000",
  "https://good.test/\u2028",
  "https://good.test/\u0085",
  "vbscript:a",
  "javascript:alert(1)",
  "data:text/html,a",
  "blob:https://good.test/1",
  "file:///etc/passwd",
  "intent://a",
  "tg://resolve?domain=a",
  "ftp://good.test/",
  "ws://good.test/",
  "https://user:pw@good.test",
  "https://user@good.test",
  "https://@good.test",
  "https://:@good.test",
  "https://good.test:80:80/",
  "https://good.test:99999/",
  " https://good.test",
  "\thttps://good.test",
  "ht\ntps://good.test",
  "https://good.test ",
  "https://a\u2100.test", // U+2100 becomes "a/c" in a host
  "https://",
  "https://?",
  "https://#",
  "https://%",
  "https://[::1",
  "",
  `https://good.test/${"a".repeat(2_048)}`,
])("refuses %j", (text) => {
  expect(() => redirectTarget(text)).toThrow(expect.objectContaining({ code: "redirect_invalid" }));
});

test.each([
  ["http://good.test", "http://good.test/"],
  ["HTTPS://GOOD.test:443/A?b=c#d", "https://good.test/A?b=c#d"],
  ["https://good\u3002test/", "https://good.test/"],
  ["https://\uFF47ood.test/", "https://good.test/"],
  ["https://good.test/@a:b", "https://good.test/@a:b"],
  ["https://good.test?to=a@b", "https://good.test/?to=a@b"],
  ["https://bücher.test/ü", "https://xn--bcher-kva.test/%C3%BC"],
  ["https://good.test/a/../b", "https://good.test/b"],
  ["https://t.me/MyBot?start=1", "https://t.me/MyBot?start=1"],
])("writes %j as %s", (text, written) => {
  expect(redirectTarget(text)).toBe(written);
});

test("gives only what a Location header can carry and what reads the same again", () => {
  const texts = fc.oneof(
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc
      .tuple(fc.constantFrom("https://", "http://", "//", "https:"), fc.string({ unit: "binary" }))
      .map((t) => t.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let written: string;
      try {
        written = redirectTarget(text);
      } catch {
        return;
      }
      expect(written).toMatch(/^https?:\/\/[!-~]+$/);
      expect(new URL(written).href).toBe(written);
      expect(redirectTarget(written)).toBe(written);
      expect(new URL(written).username + new URL(written).password).toBe("");
    }),
  );
});
