import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { BotCode, ImportNote } from "../core/catalog.ts";

/** Twelve megabytes take about a second; whatever takes longer is made to. */
const CHECK_MS = 5_000;
const HEAP_MB = 256;
const ANSWER_BYTES = 4 * 1024 * 1024;
const CHILD = fileURLToPath(new URL("check-child.js", import.meta.url));
const FLAGS = ["--no-warnings", `--max-old-space-size=${HEAP_MB}`, "--permission", `--allow-fs-read=${CHILD}`];

const answerSchema = z.array(z.nullable(z.object({ line: z.number().int().positive(), message: z.string() })));
const WEB_NAME = /\.(?:html?|css|svg|xml|json|txt|md)$/i;

export type CheckScripts = (code: Pick<BotCode, "commands" | "libs">) => Promise<ImportNote[]>;

/**
 * Looks which scripts are not JavaScript, in a process of its own: sources come from anywhere, and a parser may be made
 * to take long. One look at a time; nothing is run.
 *
 * @param timeoutMs after which the process is killed, and the notes say that nothing is known
 */
export function createCheckScripts({ timeoutMs = CHECK_MS }: { timeoutMs?: number } = {}): CheckScripts {
  let last: Promise<unknown> = Promise.resolve();
  return ({ commands, libs }) => {
    const scripts = [
      ...commands.map(({ name, file, code, code_line }) => ({ name, file, code, line: code_line })),
      ...libs.map(({ name, file, code }) => ({ name, file, code, line: 1 })),
    ].filter(({ code }) => code.trim() !== "");
    const mine = last.then(() => (scripts.length === 0 ? [] : look(scripts, timeoutMs)));
    last = mine.catch(() => undefined);
    return mine;
  };
}

interface Script {
  name: string;
  file: string;
  code: string;
  /** On which `code` begins in the file, from 1. */
  line: number;
}

async function look(scripts: readonly Script[], timeoutMs: number): Promise<ImportNote[]> {
  const text = await inChild(JSON.stringify(scripts.map(({ code }) => code)), timeoutMs);
  const faults = readAnswer(text);
  if (faults?.length !== scripts.length) {
    const message = "whether the scripts are JavaScript could not be found out: reading them takes too much";
    return [{ level: "warning", file: null, line: null, message }];
  }
  return scripts.flatMap((script, i) => {
    const found = faults[i];
    return found ? [noteOf(script, found)] : [];
  });
}

function noteOf({ name, file, code, line }: Script, fault: { line: number; message: string }): ImportNote {
  if (WEB_NAME.test(name) || code.trimStart().startsWith("<"))
    return { level: "info", file, line, message: "not JavaScript: kept as a template" };
  const message = `does not parse, so running it will fail: ${fault.message}`;
  return { level: "warning", file, line: line + fault.line - 1, message };
}

function readAnswer(text: string): z.infer<typeof answerSchema> | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What the process wrote before it ended; "" where it had to be ended. */
function inChild(input: string, timeoutMs: number): Promise<string> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [...FLAGS, CHILD], { stdio: ["pipe", "pipe", "ignore"], env: {} });
    const parts: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.stdout.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes > ANSWER_BYTES) child.kill("SIGKILL");
      else parts.push(part);
    });
    child.on("error", () => {
      finish("");
    });
    child.on("close", (code) => {
      finish(code === 0 ? Buffer.concat(parts).toString() : "");
    });
    child.stdin.on("error", () => undefined); // a broken pipe: the end says it better
    child.stdin.end(input);

    function finish(text: string): void {
      clearTimeout(timer);
      done(text);
    }
  });
}
