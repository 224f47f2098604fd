import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalText, linkPath, percentEncode, type SignedName } from "../../../src/http/links/canonical.ts";
import { hasSignatureForm, isSignature, sign } from "../../../src/http/links/signature.ts";

const KEY = Buffer.from("botyard-test-key", "utf8");
const SIGNED = new Map<SignedName, string>([
  ["user_id", "42"],
  ["redirect_to", "https://cataas.com/cat"],
  ["once", "n0nce01"],
  ["command", "/onWebhook"],
  ["kid", "k1"],
  ["exp", "1767225600"],
  ["content", "Did you see the cat?"],
]);
const TEXT = [
  "bwh1",
  "/v1/bots/77/new-webhook",
  "command=%2FonWebhook&content=Did%20you%20see%20the%20cat%3F&exp=1767225600&kid=k1&once=n0nce01" +
    "&redirect_to=https%3A%2F%2Fcataas.com%2Fcat&s=command%2Ccontent%2Cexp%2Ckid%2Conce%2Credirect_to%2Cuser_id&user_id=42",
].join("\n");
const SIGNATURE = "8c3MJYE0IufAb485zTuiXNLNGZqmua0jDYSFIJvlLGM";

test("signs the text that is written down for everybody", () => {
  const text = canonicalText(linkPath(77), SIGNED);

  expect(text).toBe(TEXT);
  expect(sign(KEY, text)).toBe(SIGNATURE);
  expect(isSignature(SIGNATURE, KEY, text)).toBe(true);
});

test("encodes all but the unreserved characters", () => {
  expect(percentEncode("aZ09-._~")).toBe("aZ09-._~");
  expect(percentEncode("!*'() +&=/💰")).toBe("%21%2A%27%28%29%20%2B%26%3D%2F%F0%9F%92%B0");
});

test("gives two sets of values two texts, wherever the borders between them lie", () => {
  const values = fc.dictionary(
    fc.constantFrom<SignedName>("command", "content", "redirect_to", "user_id"),
    fc.string({ unit: fc.constantFrom("a", "&", "=", "\n", "%", ",", "s", "content", "é") }),
  );
  const mapOf = (fields: Record<string, string>) => new Map(Object.entries(fields) as [SignedName, string][]);
  const keyOf = (fields: Record<string, string>) => JSON.stringify(Object.entries(fields).sort());

  fc.assert(
    fc.property(values, values, (a, b) => {
      const same = canonicalText("/p", mapOf(a)) === canonicalText("/p", mapOf(b));
      return same === (keyOf(a) === keyOf(b));
    }),
  );
});

test("takes only the one spelling of 32 bytes for a signature", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
      const decoded = Buffer.from(text, "base64url");
      return hasSignatureForm(text) === (decoded.length === 32 && decoded.toString("base64url") === text);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) =>
      hasSignatureForm(Buffer.from(bytes).toString("base64url")),
    ),
  );
});

test.each([
  ["padding", `${SIGNATURE}=`],
  ["spare bits", `${SIGNATURE.slice(0, -1)}N`],
  ["the other alphabet", SIGNATURE.replace("J", "+")],
  ["a line feed at its end", `${SIGNATURE}\n`],
  ["one character less", SIGNATURE.slice(1)],
  ["one character more", `${SIGNATURE}A`],
  ["hex", Buffer.from(SIGNATURE, "base64url").toString("hex")],
  ["nothing", ""],
])("refuses a signature with %s, without an exception", (_, signature) => {
  expect(isSignature(signature, KEY, TEXT)).toBe(false);
});
