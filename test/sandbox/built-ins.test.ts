import fc from "fast-check";
import { createHash, createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openYard, type TestYard } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

/** What a function of a script makes of each input; "throws" where it throws. */
async function each(expression: string, inputs: readonly unknown[]): Promise<unknown[]> {
  const code = `Bot.inspect(JSON.parse(content).map((x) => { try { return ${expression} } catch (e) { return "throws" } }))`;
  const { error, answer } = await yard.script(code, { content: JSON.stringify(inputs) });
  if (error) throw new Error(error.message);
  return JSON.parse(answer ?? "");
}
const orThrows = (make: () => string): string => {
  try {
    return make();
  } catch {
    return "throws";
  }
};

describe("base64", () => {
  test("btoa makes of any Latin-1 text what Node makes of it", async () => {
    const texts = fc.sample(
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
      300,
    );

    expect(await each("btoa(x)", texts)).toEqual(texts.map((text) => btoa(text)));
  });

  test("btoa refuses what is not Latin-1", async () => {
    expect(await each("btoa(x)", ["a€", "😊", "\u0100"])).toEqual(["throws", "throws", "throws"]);
  });

  test("atob reads any text as Node does, and refuses the same", async () => {
    const unit = fc.constantFrom(..."ABCDWXYZabcxyz0189+/==== \t\n\f\r-_é".split(""));
    const texts = [
      ...fc.sample(fc.string({ unit, maxLength: 12 }), 600),
      "",
      "=",
      "==",
      "A",
      "AA",
      "AA=",
      "AA==",
      "AAA=",
      "AAA==",
      "AAAA=",
      "A===",
      "AB=C",
      " AA == ",
    ];

    expect(await each("atob(x)", texts)).toEqual(texts.map((text) => orThrows(() => atob(text))));
  });

  test("one undoes the other", async () => {
    const texts = fc.sample(
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
      100,
    );

    expect(await each("atob(btoa(x))", texts)).toEqual(texts);
  });

  test("both make a text of their argument first", async () => {
    expect(await each("[btoa(5), btoa(null), atob(1234) === atob('1234')].join()", [0])).toEqual([
      `${btoa("5")},${btoa("null")},true`,
    ]);
  });
});

describe("CryptoJS", () => {
  const bodies = ['{"t":"😊","amount":1.50}', "a=1&b=%F0%9F%98%8A", "", "ä\r\n\0", "x".repeat(10_000)];

  test("an HMAC over a body is that over its bytes", async () => {
    const hmac = (algorithm: string) => bodies.map((body) => createHmac(algorithm, "key-ö").update(body).digest("hex"));

    expect(await each("CryptoJS.HmacSHA512(x, 'key-ö').toString(CryptoJS.enc.Hex)", bodies)).toEqual(hmac("sha512"));
    expect(await each("CryptoJS.HmacSHA256(x, 'key-ö').toString()", bodies)).toEqual(hmac("sha256"));
  });

  test("hashes and encodings", async () => {
    expect(
      await each(
        "[CryptoJS.MD5(x), CryptoJS.SHA1(x), CryptoJS.SHA256(x).toString(CryptoJS.enc.Base64)].join()",
        bodies,
      ),
    ).toEqual(
      bodies.map((body) =>
        [
          createHash("md5").update(body).digest("hex"),
          createHash("sha1").update(body).digest("hex"),
          createHash("sha256").update(body).digest("base64"),
        ].join(),
      ),
    );
    expect(await each("CryptoJS.enc.Utf8.parse(x).toString(CryptoJS.enc.Base64)", bodies)).toEqual(
      bodies.map((body) => Buffer.from(body).toString("base64")),
    );
  });

  test("the content of a call goes into it byte for byte", async () => {
    const content = '{"t":"😊\ud83d\ude0a","key":"ü"}';

    const { answer } = await yard.script("Bot.sendMessage(CryptoJS.HmacSHA512(content, 'k').toString())", { content });

    expect(answer).toBe(createHmac("sha512", "k").update(content).digest("hex"));
  });

  test("is the same object all along, and can be replaced", async () => {
    const { answer } = await yard.script(
      "var same = CryptoJS === CryptoJS; CryptoJS.x = 1; var kept = CryptoJS.x; CryptoJS = 5; Bot.sendMessage([same, kept, CryptoJS].join())",
    );

    expect(answer).toBe("true,1,5");
  });

  test("a script that shadows require, module or exports changes nothing", async () => {
    expect(
      (
        await yard.script(
          "var exports = 1, module = 2, define = 3; require = () => { throw 1 }; Bot.sendMessage(CryptoJS.MD5('').toString())",
        )
      ).answer,
    ).toBe(createHash("md5").update("").digest("hex"));
  });
});
