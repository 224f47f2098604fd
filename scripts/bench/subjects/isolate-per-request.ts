// The pattern of well-known tools: the web process makes an isolate for each request, runs the script in it and throws it
// away. Values in a Map; no signature, no record, no disk, and of the guest's surroundings the least that the job needs.
import { createServer } from "node:http";
import ivm from "isolated-vm";
import Koa from "koa";
import { z } from "zod";
import { eachUser, FIRST_NAME, FIRST_VALUES, readUnsigned, SCRIPT, unsignedPath, type Values } from "../job.ts";
import { answerBench, listen } from "./answer-bench.ts";
import { readCall } from "./read-call.ts";

const HEAP_MB = 64;
const TIMEOUT_MS = 5_000;
const PRELUDE = `
const input = JSON.parse($input), messages = [], written = {};
globalThis.user = input.user; globalThis.params = "";
globalThis.content = input.content; globalThis.options = input.options;
globalThis.User = {
  getProperty: (name, missing) => input.values[name] ?? missing,
  setProperty: (name, value) => { input.values[name] = value; written[name] = value; },
};
globalThis.Bot = { sendMessage: (text) => void messages.push(String(text)) };
globalThis.$end = () => JSON.stringify({ messages, written });`;
const endSchema = z.object({ messages: z.array(z.string()), written: z.record(z.string(), z.json()) });

const values = new Map<string, Values>();
const paths = eachUser((bot, user) => {
  values.set(`${bot}/${user}`, { ...FIRST_VALUES });
  return unsignedPath(bot, user);
});

async function run(input: unknown): Promise<z.infer<typeof endSchema>> {
  const isolate = new ivm.Isolate({ memoryLimit: HEAP_MB });
  try {
    const context = await isolate.createContext();
    await context.global.set("$input", JSON.stringify(input));
    const prelude = await isolate.compileScript(PRELUDE);
    await prelude.run(context);
    const script = await isolate.compileScript(`(function () {${SCRIPT}\n})(); $end()`);
    const text: unknown = await script.run(context, { timeout: TIMEOUT_MS });
    return endSchema.parse(JSON.parse(String(text)));
  } finally {
    isolate.dispose();
  }
}

const app = new Koa();
app.use(async (ctx) => {
  const { query, body } = await readCall(ctx);
  const own = values.get(readUnsigned(ctx.path, query) ?? "");
  if (!own) return;
  const options = { url: ctx.url, method: ctx.method, headers: ctx.headers, params: body };
  const user = { id: 1, first_name: FIRST_NAME };
  const { messages, written } = await run({ user, values: own, content: JSON.stringify(body), options });
  Object.assign(own, written);
  ctx.body = { answer: messages.at(-1) };
});
const server = createServer((req, res) => void app.callback()(req, res));
answerBench({ base: await listen(server), paths });
