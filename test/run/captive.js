// What a script could try if it broke out of its isolate into the sandbox's process: each attempt, and what came of it.
// Started by captive.test.ts just as the sandbox's own program is.
import { writeSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const fs = require("node:fs");
/** @type {Record<string, () => unknown>} */
const attempts = {
  "read /etc/passwd": () => fs.readFileSync("/etc/passwd", "utf8"),
  "read its own environment": () => fs.readFileSync("/proc/self/environ", "utf8"),
  "read the memory of its parent": () => fs.openSync(`/proc/${process.ppid}/mem`, "r"),
  "read the folder it was started in": () => fs.readdirSync("."),
  "read another source file": () => fs.readFileSync(new URL("../../src/secrets.ts", import.meta.url)),
  "look whether a file is there": () => fs.existsSync("/etc/passwd") && "it is there",
  "write a file": () => fs.writeFileSync("/tmp/captive", "x"),
  "write into its own program": () => fs.appendFileSync(new URL(import.meta.url), "x"),
  "make a folder": () => fs.mkdirSync("/tmp/captive"),
  "make a link": () => fs.symlinkSync("/etc/passwd", "/tmp/captive"),
  "remove a file": () => fs.rmSync(new URL(import.meta.url)),
  "start a process": () => require("node:child_process").execSync("id"),
  "start a thread": () => new (require("node:worker_threads").Worker)("0", { eval: true }),
  "start an inspector": () => require("node:inspector").open(0),
  "run WASI": () => new (require("node:wasi").WASI)({ version: "preview1" }),
  "load a file as a module": () => require("/etc/passwd"),
};
const results = Object.entries(attempts).map(([what, attempt]) => {
  try {
    return [what, `done: ${String(attempt()).slice(0, 60)}`];
  } catch (error) {
    return [what, `refused: ${error instanceof Error && "code" in error ? error.code : error}`];
  }
});
writeSync(1, JSON.stringify({ results, env: { ...process.env }, execArgv: process.execArgv.length }));
