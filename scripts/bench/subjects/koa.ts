// The base: the same job written by hand in plain Koa. Values in a Map; no signature, no sandbox, no record, no disk.
import { createServer } from "node:http";
import Koa from "koa";
import { eachUser, FIRST_NAME, FIRST_VALUES, readUnsigned, unsignedPath, type Values } from "../job.ts";
import { answerBench, listen } from "./answer-bench.ts";
import { readCall } from "./read-call.ts";

const values = new Map<string, Values>();
const paths = eachUser((bot, user) => {
  values.set(`${bot}/${user}`, { ...FIRST_VALUES });
  return unsignedPath(bot, user);
});

/** The job's script as a function. */
function visit(own: Values): string[] {
  const visits = Number(own.visits) + 1;
  own.visits = visits;
  const texts: Record<string, string> = {
    en: `Hello, ${FIRST_NAME}! You have visited ${visits} times.`,
    de: `Hallo, ${FIRST_NAME}!`,
  };
  return [texts[own.lang] ?? texts["en"] ?? "", `Balance: ${Number(own.balance).toFixed(2)} USD`];
}

const app = new Koa();
app.use(async (ctx) => {
  const { query } = await readCall(ctx);
  const own = values.get(readUnsigned(ctx.path, query) ?? "");
  if (own) ctx.body = { answer: visit(own).at(-1) };
});
const server = createServer((req, res) => void app.callback()(req, res));
answerBench({ base: await listen(server), paths });
