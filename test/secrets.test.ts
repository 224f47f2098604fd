import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSeal, linkSecret, readAdminToken, readSecrets } from "../src/secrets.ts";

let home = "";
let dataDir = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "botyard-secrets-"));
  dataDir = join(home, "data");
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const sentenceOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof Error ? error.message : ""),
  );
const put = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(dataDir, name), text);
  chmodSync(join(dataDir, name), mode);
};

test("the first start makes both secrets, for the owner alone", async () => {
  const secrets = await readSecrets({ dataDir });

  expect(secrets.made).toEqual([join(dataDir, "secret-key"), join(dataDir, "admin-token")]);
  expect(readdirSync(dataDir).sort()).toEqual(["admin-token", "secret-key"]);
  for (const path of secrets.made) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from(secrets.secretKey, "base64url")).toHaveLength(32);
  expect(secrets.adminToken).not.toBe(secrets.secretKey);
});

test("later starts find the same secrets, and so do the commands beside the server", async () => {
  const first = await readSecrets({ dataDir });

  const second = await readSecrets({ dataDir });

  expect(second).toEqual({ ...first, made: [] });
  expect(await readAdminToken(dataDir)).toBe(first.adminToken);
});

test("servers that start at one moment end up with the same secrets", async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => readSecrets({ dataDir })));

  expect(new Set(all.map(({ secretKey, adminToken }) => `${secretKey} ${adminToken}`)).size).toBe(1);
  expect(all.flatMap(({ made }) => made)).toHaveLength(2);
  expect(readdirSync(dataDir)).toHaveLength(2);
});

test("what the environment gives is neither written nor looked for on disk", async () => {
  const secrets = await readSecrets({ dataDir, secretKey: "k".repeat(32), adminToken: "t".repeat(24) });

  expect(secrets).toEqual({
    secretKey: "k".repeat(32),
    adminToken: "t".repeat(24),
    made: [],
    adminTokenFile: undefined,
  });
  expect(readdirSync(home)).toEqual([]);
});

test.each(["", "\n", "short"])("a file that holds %j is refused by name, and stays as it is", async (text) => {
  await readSecrets({ dataDir });
  put("secret-key", text);

  expect(await sentenceOf(readSecrets({ dataDir }))).toContain(`${join(dataDir, "secret-key")} must hold at least 32`);
  expect(readFileSync(join(dataDir, "secret-key"), "utf8")).toBe(text);
});

test("a file that others may read is refused with what to do, and its secret is not shown", async () => {
  const { adminToken } = await readSecrets({ dataDir });
  put("admin-token", adminToken, 0o644);

  const sentence = await sentenceOf(readSecrets({ dataDir }));

  expect(sentence).toContain(`chmod 600 ${join(dataDir, "admin-token")}`);
  expect(sentence).not.toContain(adminToken);
});

test("a data folder that cannot be made is named", async () => {
  writeFileSync(join(home, "data"), "a file");

  expect(await sentenceOf(readSecrets({ dataDir }))).toMatch(/secret-key cannot be (read|made)/);
});

test("without a file there is no token", async () => {
  expect(await readAdminToken(dataDir)).toBeUndefined();
});

test("a link's key depends on the secret, the bot and the key's id", () => {
  const key = linkSecret("s".repeat(32), 1, "key_a");
  const others = [
    linkSecret("t".repeat(32), 1, "key_a"),
    linkSecret("s".repeat(32), 2, "key_a"),
    linkSecret("s".repeat(32), 1, "key_b"),
  ];

  expect(key).toHaveLength(32);
  expect(key.equals(linkSecret("s".repeat(32), 1, "key_a"))).toBe(true);
  expect(others.some((other) => other.equals(key))).toBe(false);
});

test("a link's key stays the same from version to version", () => {
  expect(linkSecret("0123456789abcdef0123456789abcdef", 77, "key_0").toString("base64url")).toBe(
    "wCBpS12nMB7qsZ8KQmCnMT47pL9AkEbjOl8TJeyo6Ik",
  );
});

const SEALED_IN_THE_PAST = "s1.JUePUCvdezGbhuz6ysXIzfb0onbm-tEt6NHzJVkFmrMf4lc";

test("a sealed secret opens with the same key and for the same purpose alone", () => {
  const seal = createSeal("s".repeat(32));

  const sealed = seal.close("123:ABC 🔑", "token of bot 7");

  expect(seal.open(sealed, "token of bot 7")).toBe("123:ABC 🔑");
  expect(seal.open(sealed, "token of bot 8")).toBeNull();
  expect(createSeal("t".repeat(32)).open(sealed, "token of bot 7")).toBeNull();
});

test("a sealed secret shows nothing, and the same secret never looks the same", () => {
  const seal = createSeal("s".repeat(32));

  const [one, two] = [seal.close("123:ABC", ""), seal.close("123:ABC", "")];

  expect(one).not.toBe(two);
  expect(Buffer.from(one, "base64url").toString("latin1")).not.toContain("123:ABC");
});

test("a sealed secret of which any character was changed does not open", () => {
  const seal = createSeal("s".repeat(32));
  const sealed = seal.close("123:ABC", "x");

  for (let i = 0; i < sealed.length - 1; i++) {
    const other = sealed[i] === "A" ? "B" : "A";
    expect(seal.open(sealed.slice(0, i) + other + sealed.slice(i + 1), "x")).toBeNull();
  }
  for (const short of ["", "s1.", "s1.AAAA", sealed.slice(0, 30)]) expect(seal.open(short, "x")).toBeNull();
});

test("what was sealed by an earlier version opens", () => {
  expect(createSeal("0123456789abcdef0123456789abcdef").open(SEALED_IN_THE_PAST, "token of bot 77")).toBe("123:ABC");
});
