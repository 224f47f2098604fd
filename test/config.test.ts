import { expect, test } from "vitest";
import { describeConfig, readClientConfig, readConfig } from "../src/config.ts";
import type { Environment } from "../src/config.ts";

const CORES = 4;
const config = (env: Environment) => {
  const read = readConfig(env, CORES);
  return read.kind === "good" ? read.config : undefined;
};
const sentences = (env: Environment) => {
  const read = readConfig(env, CORES);
  return read.kind === "wrong" ? read.sentences : [];
};

test("an empty environment gives the defaults", () => {
  expect(config({})).toEqual({
    HOST: "127.0.0.1",
    PORT: 3000,
    DATA_DIR: "./data",
    TRUSTED_PROXIES: [],
    SANDBOX_PROCESSES: CORES,
    SANDBOX_PAUSE_MS: 60_000,
    RUN_TIMEOUT_MS: 5_000,
    RATE_LIMIT_API: 6_000,
    RATE_LIMIT_LINKS: 120_000,
    RUN_MEMORY_MB: 256,
    LEGACY_LINKS: "off",
    LOG_LEVEL: "info",
  });
});

test("empty variables count as absent", () => {
  expect(config({ PORT: "", PUBLIC_URL: "", TRUSTED_PROXIES: "", MONGODB_URI: "" })).toEqual(config({}));
});

test("the configuration cannot be changed afterwards", () => {
  expect(Object.isFrozen(config({}))).toBe(true);
});

test("what is given is read", () => {
  const given = config({
    HOST: "::",
    PORT: "0",
    PUBLIC_URL: "https://bots.example.org/",
    SECRET_KEY: "s".repeat(32),
    ADMIN_TOKEN: "t".repeat(24),
    TRUSTED_PROXIES: " 10.0.0.0/8, 127.0.0.1,::1 , fd00::/8",
    SANDBOX_PROCESSES: "1",
    SANDBOX_PAUSE_MS: "0",
    RUN_TIMEOUT_MS: "25000",
    LOG_LEVEL: "debug",
  });

  expect(given).toMatchObject({
    HOST: "::",
    PORT: 0,
    PUBLIC_URL: "https://bots.example.org",
    SECRET_KEY: "s".repeat(32),
    ADMIN_TOKEN: "t".repeat(24),
    TRUSTED_PROXIES: ["10.0.0.0/8", "127.0.0.1/32", "::1/128", "fd00::/8"],
    SANDBOX_PROCESSES: 1,
    SANDBOX_PAUSE_MS: 0,
    RUN_TIMEOUT_MS: 25_000,
    LOG_LEVEL: "debug",
  });
});

test.each([
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "0x50"],
  ["PORT", "3000 "],
  ["HOST", "http://x"],
  ["PUBLIC_URL", "bots.example.org"],
  ["PUBLIC_URL", "ftp://bots.example.org"],
  ["PUBLIC_URL", "https://bots.example.org/path"],
  ["PUBLIC_URL", "https://bots.example.org?x=1"],
  ["TRUSTED_PROXIES", "10.1"],
  ["TRUSTED_PROXIES", "10.0.0.0/33"],
  ["TRUSTED_PROXIES", "10.0.0.0/8,"],
  ["TRUSTED_PROXIES", "localhost"],
  ["SANDBOX_PROCESSES", "0"],
  ["SANDBOX_PAUSE_MS", "1.5"],
  ["RUN_TIMEOUT_MS", "25001"],
  ["RUN_TIMEOUT_MS", "0"],
  ["RUN_MEMORY_MB", "64"],
  ["LEGACY_LINKS", "yes"],
  ["LOG_LEVEL", "loud"],
])("%s=%s gives one sentence with the name, the value and what is allowed", (name, value) => {
  const said = sentences({ [name]: value });

  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(new RegExp(`^${name} is .* it must be .+\\.$`));
  expect(said[0]).toContain(JSON.stringify(value));
});

test.each([
  ["SECRET_KEY", ""],
  ["SECRET_KEY", " ".repeat(40)],
  ["SECRET_KEY", "hunter2hunter2hunter2hunter2"],
  ["ADMIN_TOKEN", ""],
  ["ADMIN_TOKEN", "hunter2"],
  ["ADMIN_TOKEN", "hunter2 hunter2 hunter2 hunter2"],
])("a %s of %j stops the start and is not shown", (name, value) => {
  const said = sentences({ [name]: value });

  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(new RegExp(`^${name} is .*at least`));
  expect(said[0]).not.toContain("hunter2");
});

test("credentials in a URL are not shown", () => {
  expect(sentences({ PUBLIC_URL: "https://me:hunter2@bots.example.org" })[0]).not.toContain("hunter2");
});

test("all wrong variables are listed at once", () => {
  const said = sentences({ PORT: "x", LOG_LEVEL: "y", SECRET_KEY: "", MONGODB_URI: "mongodb://me:hunter2@h/db" });

  expect(said.map((one) => one.split(" ")[0])).toEqual(["PORT", "SECRET_KEY", "LOG_LEVEL", "MONGODB_URI"]);
  expect(said.join()).not.toContain("hunter2");
});

test("a MongoDB is refused with a sentence until there is a store for it", () => {
  expect(sentences({ MONGODB_URI: "mongodb://h/db" })[0]).toContain("SQLite");
});

test("the help names every variable with its default", () => {
  const help = describeConfig();

  for (const name of ["HOST", "PUBLIC_URL", "SECRET_KEY", "TRUSTED_PROXIES", "BOTYARD_URL", "BOTYARD_TOKEN"])
    expect(help).toContain(name);
  expect(help).toMatch(/ {2}PORT .*\n.*default: 3000/);
});

test("a client looks on this machine and under ./data unless it is told otherwise", () => {
  expect(readClientConfig({})).toEqual({ url: "http://127.0.0.1:3000", token: undefined, dataDir: "./data" });
});

test("a client takes its own token before the server's", () => {
  const env = { BOTYARD_URL: "https://bots.example.org/yard/", ADMIN_TOKEN: "a", BOTYARD_TOKEN: "b", DATA_DIR: "/srv" };

  expect(readClientConfig(env)).toEqual({ url: "https://bots.example.org/yard", token: "b", dataDir: "/srv" });
  expect(readClientConfig({ ADMIN_TOKEN: "a" })).toMatchObject({ token: "a" });
});

test.each(["127.0.0.1:3000", "ftp://x", "https://me:hunter2@x"])("a client refuses the URL %s", (url) => {
  const read = readClientConfig({ BOTYARD_URL: url });

  expect(read).toHaveProperty("sentence");
  expect(JSON.stringify(read)).not.toContain("hunter2");
});
