// The process that looks whether scripts are JavaScript: it compiles them and runs nothing. Plain JavaScript, so that it
// starts fast. It reads a JSON list of sources and writes what is wrong with each; its parent bounds its time and memory.
import { readFileSync, writeSync } from "node:fs";
import { compileFunction } from "node:vm";

const STDIN = 0;
const STDOUT = 1;
const NAME = "script";
const MESSAGE_CHARS = 200;

/** As the sandbox compiles a body: sloppy, inside a function. @param {string} code */
function fault(code) {
  try {
    compileFunction(code, [], { filename: NAME });
    return null;
  } catch (error) {
    if (!(error instanceof Error)) return { line: 1, message: "cannot be read" };
    const line = /^script:(\d{1,9})/.exec(String(error.stack))?.[1];
    return { line: Number(line ?? 1), message: error.message.slice(0, MESSAGE_CHARS) };
  }
}

/** @type {string[]} */
const sources = JSON.parse(readFileSync(STDIN, "utf8"));
const bytes = Buffer.from(JSON.stringify(sources.map(fault)));
for (let sent = 0; sent < bytes.length;) sent += writeSync(STDOUT, bytes, sent);
