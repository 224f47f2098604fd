import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { beforeEach, expect, test } from "vitest";
import { startYard, type FakeYard } from "../fake-yard.ts";

let yard: FakeYard;
let link: string;
beforeEach(async () => {
  yard = await startYard();
  link = await yard.link({ command: "/go", content: "signed" });
});

async function post(
  body: Exclude<RequestInit["body"], undefined>,
  headers: Record<string, string> = {},
  target = link,
) {
  const answer = await fetch(yard.url + target, { method: "POST", body, headers });
  return { status: answer.status, text: await answer.text(), run: yard.runs.at(-1) };
}
const form = "application/x-www-form-urlencoded";
const json = "application/json";

test("hands a form over as text and as fields", async () => {
  const { run } = await post("order=5&status=paid&a=1&a=2&plus=a+b%2B", { "content-type": form });

  expect(run?.content).toBe("order=5&status=paid&a=1&a=2&plus=a+b%2B");
  expect(run?.options?.params).toEqual({ content: "signed", order: "5", status: "paid", a: "2", plus: "a b+" });
});

test("lays the fields of a JSON object over those of the query, with their types", async () => {
  const body = '{"n":1.5,"yes":true,"no":null,"list":[1],"command":"/other","k":"body"}';

  const { run } = await post(body, { "content-type": json }, `${link}&k=query&q=1`);

  expect(run?.command).toBe("/go");
  expect(run?.options?.params).toEqual({ content: "signed", ...(JSON.parse(body) as object), q: "1" });
  expect(run?.content).toBe(body);
});

test.each(["application/vnd.api+json; charset=UTF-8", "application/hal+json", "text/json", "APPLICATION/JSON", ""])(
  "reads JSON that calls itself %j",
  async (type) => {
    const { run } = await post(new TextEncoder().encode('{"a":1}'), type === "" ? {} : { "content-type": type });

    expect(run?.options?.params).toMatchObject({ a: 1 });
  },
);

test("falls back to the signed content where the body is empty", async () => {
  const { status, run } = await post(null, { "content-type": json });

  expect(status).toBe(200);
  expect(run).toMatchObject({ content: "signed", options: { params: { content: "signed" } } });
});

test("gives an empty content where neither body nor link has one", async () => {
  const { run } = await post("", {}, await yard.link({ command: "/go" }));

  expect(run?.content).toBe("");
});

test.each([
  ["malformed JSON", '{"a":', json],
  ["an array", "[1]", json],
  ["null", "null", json],
  ["a number", "0", json],
  ["JSON with a comment", '{"a":1 /* */}', json],
  ["100,000 nested arrays", "[".repeat(100_000), json],
  ["200,000 nested objects", '{"a":'.repeat(200_000), json],
  ["JSON nested deeper than 100", `${'{"a":'.repeat(101)}1${"}".repeat(101)}`, json],
  ["a multipart that is none", "no boundary here", "multipart/form-data; boundary=b"],
  ["a multipart without a boundary", "--b\r\n", "multipart/form-data"],
  [
    "a multipart cut short",
    '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
    "multipart/form-data; boundary=b",
  ],
  ["XML", "<a>1</a>", "application/xml"],
  ["a type that is no type", "a=1", ";;;"],
])("runs with the raw body when it is %s", async (_, body, type) => {
  const { status, run } = await post(body, { "content-type": type });

  expect(status).toBe(200);
  expect(run?.content).toBe(body);
  expect(run?.options?.params).toEqual({ content: "signed" });
});

test("reads JSON that nests 100 levels", async () => {
  const { run } = await post(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`, { "content-type": json });

  expect(run?.options?.params).toHaveProperty("a.a.a.a");
});

test("describes the files of a multipart beside its fields", async () => {
  const body = new FormData();
  body.set("field", "täxt");
  body.set("file", new File(["abc"], "x.txt", { type: "text/plain" }));

  const { status, run } = await post(body);

  expect(status).toBe(200);
  const params = run?.options?.params;
  expect(params).toMatchObject({ field: "täxt", file: { filename: "x.txt", type: "text/plain", size: 3 } });
  expect(run?.content).toContain("abc");
});

test.each([
  ["fields", "a=&".repeat(10_001), form],
  [
    "parts",
    `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n`.repeat(101) + "--b--\r\n",
    "multipart/form-data; boundary=b",
  ],
])("refuses a form of too many %s", async (_, body, type) => {
  const { status, text } = await post(body, { "content-type": type });

  expect(status).toBe(413);
  expect(text).toContain("body_too_large");
  expect(yard.runs).toEqual([]);
});

test("reads bracketed names as nested, and keeps them as written", async () => {
  const { run } = await post("a[b]=1&list[]=x&list[]=y", { "content-type": form }, `${link}&q[r]=2`);

  expect(run?.options?.params).toEqual({
    ...{ content: "signed", "a[b]": "1", a: { b: "1" }, "list[]": "y", list: ["x", "y"] },
    ...{ "q[r]": "2", q: { r: "2" } },
  });
});

test.each([
  ["a form", "__proto__[admin]=1&hasOwnProperty=x&constructor[prototype][y]=1&__proto__=z", form],
  ["JSON", '{"__proto__":{"admin":true},"constructor":{"prototype":{"y":1}},"hasOwnProperty":"x"}', json],
  [
    "a multipart",
    '--b\r\nContent-Disposition: form-data; name="__proto__[admin]"\r\n\r\n1\r\n--b--\r\n',
    "multipart/form-data; boundary=b",
  ],
])("takes __proto__ and its like in %s for plain data", async (_, body, type) => {
  const { status, run } = await post(
    body,
    { "content-type": type, ["__proto__"]: "h" },
    `${link}&__proto__[q]=1&toString=s`,
  );

  expect(status).toBe(200);
  expect(Object.keys((run?.options?.params ?? {}) as object)).toContain("__proto__");
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
  expect(({} as Record<string, unknown>).q).toBeUndefined();
  expect(({} as Record<string, unknown>).y).toBeUndefined();
  expect(JSON.stringify({})).toBe("{}");
});

test("does not take a huge index for the length of a list", async () => {
  const { run } = await post("a[length]=100000000&a[4294967295]=x&a[]=y", { "content-type": form });

  expect(run?.options?.params).toMatchObject({ a: { length: "100000000", "4294967295": "x", "4294967296": "y" } });
});

const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]); // Привет in windows-1251
const percented = [...cyrillic].map((byte) => `%${byte.toString(16)}`).join("");

test.each([
  ["its type", Buffer.from(`a=${percented}`), `${form}; charset=windows-1251`],
  ["its type, in quotes", Buffer.from(`a=${percented}`), `${form}; charset="Windows-1251"`],
  ["a field of the form", Buffer.from(`_charset_=windows-1251&a=${percented}`), form],
])("decodes a form in the charset named by %s", async (_, body, type) => {
  const { run } = await post(body, { "content-type": type });

  expect(run?.options?.params).toMatchObject({ a: "Привет" });
});

test.each([
  ["windows-1251", cyrillic, "Привет"],
  ["koi8-r", Buffer.from([0xf0, 0xd2]), "Пр"],
  ["iso-8859-1", Buffer.from([0xe9]), "é"],
  ["windows-1252", Buffer.from([0x80]), "€"],
  ["utf-16le", Buffer.from("é", "utf16le"), "é"],
  ["utf-16", Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from("é", "utf16le").swap16()]), "é"],
  ["windows-1251", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("é")]), "é"],
  ["no-such-charset", Buffer.from([0x61, 0xff, 0xc3, 0xa9]), "a\uFFFDé"],
  ["utf-8", Buffer.from("a\0b\r\n 😊"), "a\0b\r\n 😊"],
])("decodes a text in %s", async (charset, body, text) => {
  const { status, run } = await post(body, { "content-type": `text/plain; charset=${charset}` });

  expect(status).toBe(200);
  expect(run?.content).toBe(text);
});

test("answers in UTF-8 whatever charset the request is in", async () => {
  const answer = await fetch(yard.url + link, {
    method: "POST",
    headers: { "content-type": "text/plain; charset=utf-7" },
    body: "+ADw-",
  });

  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
});

test.each([
  ["gzip", gzipSync("a=1")],
  ["x-gzip", gzipSync("a=1")],
  ["deflate", deflateSync("a=1")],
  ["deflate", deflateRawSync("a=1")],
  ["br", brotliCompressSync("a=1")],
  ["identity", Buffer.from("a=1")],
])("inflates %s", async (coding, body) => {
  const { run } = await post(body, { "content-type": form, "content-encoding": coding });

  expect(run).toMatchObject({ content: "a=1", options: { params: { a: "1" } } });
});

test.each([
  ["gzip", gzipSync(Buffer.alloc(1024 * 1024 + 1)), 413, "decompressed_too_large"],
  ["deflate", deflateSync(Buffer.alloc(50 * 1024 * 1024)), 413, "decompressed_too_large"],
  ["br", brotliCompressSync(Buffer.alloc(50 * 1024 * 1024)), 413, "decompressed_too_large"],
  ["gzip, gzip", gzipSync(gzipSync("a=1")), 415, "content_encoding_unsupported"],
  ["zstd", Buffer.from("a=1"), 415, "content_encoding_unsupported"],
  ["gzip", Buffer.from("a=1"), 400, "encoding_invalid"],
  ["gzip", gzipSync("a=1").subarray(0, 12), 400, "encoding_invalid"],
])("refuses a %s body that is a bomb, unknown or broken: %#", async (coding, body, status, code) => {
  const answer = await post(body, { "content-encoding": coding });

  expect(answer.status).toBe(status);
  expect(answer.text).toContain(code);
  expect(yard.runs).toEqual([]);
});

test("takes a body of exactly 1 MB, inflated or not", async () => {
  const body = Buffer.alloc(1024 * 1024, "a");

  expect((await post(body)).run?.content).toHaveLength(body.length);
  expect((await post(gzipSync(body), { "content-encoding": "gzip" })).run?.content).toHaveLength(body.length);
});

test("does not read the body of a GET", async () => {
  const { run } = await post("x");
  expect(run?.content).toBe("x");

  await fetch(yard.url + link);
  expect(yard.runs.at(-1)?.content).toBe("signed");
});
