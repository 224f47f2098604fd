// Runs hostile scripts through the product and judges what becomes of them.
//
//   node --no-node-snapshot scripts/conformance/sandbox.ts FILE [--rounds 5] [--load 0] [--only A09,C17] [--json]
//   node --no-node-snapshot scripts/conformance/sandbox.ts FILE --control naive|vm [--json]
//
// The server is started as an operator starts it (RUN_TIMEOUT_MS=500, heap 64 MB, SANDBOX_PAUSE_MS=0); each probe is
// imported as a bot of its own over the API and called by its signed link, while a good bot, the canary, is called 20
// times a second. A round is the whole file, after a quiet time in which only the canary is called. --load starts so many
// processes that do nothing but burn CPU. One line a finding, then a summary; exit code 0: nothing was found.
//
// FILE is a JSON list of probes:
//   id, class, note   name, kind, reason
//   code              the script; or gen, a JavaScript expression that builds a large one
//   expect, accept    the outcome, and others that are as good
//   then_code         a second run, of another bot: its outcome is the one that counts
//   hostCheck         an expression over the server's globals that is true afterwards
//   needs_process_kill  it was seen to outlive every limit inside a process
// Outcomes: `ok:` and the first message (nothing: no message), contained-error, timeout, memory-error, killed. Scripts of
// the classes cpu, memory and recursion may be killed; of those not marked, two a round.
//
// A probe passes when its outcome is allowed, the answer comes within the limit and 500 ms, the server lives, its event
// loop was never 50 ms late (in one of three tries; not judged where it is as late in the quiet time, unless by its own
// work), no rejection was unhandled, its prototypes are as they were, no effect was above a cap or
// came after the verdict, the canary's next answer is right, and no child was above its memory cap for longer than a poll
// and the time that a kill takes. The probes G04, G19, G30 and B32 come first: if one fails, the host is dead, and nothing
// is said of the others.
//
// --control runs the same file on a host that was built badly on purpose. Then exit code 0 means that the suite bites: on
// `naive` at least 10 of the 14 probes named in control.ts fail; on `vm` at least one does.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type ControlKind, goesRed, MUST_FAIL, MUST_FAIL_LEAST } from "./control.ts";
import { readProbes } from "./probe.ts";
import { describe, playRounds } from "./rounds.ts";

const USAGE =
  "usage: sandbox.ts FILE [--rounds N] [--load N] [--only ID,ID] [--json], or sandbox.ts FILE --control naive|vm";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    control: { type: "string" },
    rounds: { type: "string", default: "5" },
    load: { type: "string", default: "0" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function control(file: string, kind: ControlKind): Promise<boolean> {
  const red: string[] = [];
  for (const probe of readProbes(file)) {
    const { red: isRed, outcome } = await goesRed(kind, probe);
    if (!isRed) continue;
    red.push(probe.id);
    if (!values.json) say(`${probe.id} ${probe.class}: fails, as it ought to (${outcome.slice(0, 100)})`);
  }
  const named = MUST_FAIL.filter((id) => red.includes(id));
  if (values.json) say(JSON.stringify({ control: kind, red, named }));
  else say(`${red.length} probes fail on the ${kind} host; of the ${MUST_FAIL.length} named: ${named.length}`);
  return kind === "naive" ? named.length >= MUST_FAIL_LEAST : red.length > 0;
}

async function product(file: string): Promise<boolean> {
  const only = values.only?.split(",");
  const probes = readProbes(file).filter(({ id }) => only === undefined || only.includes(id));
  const report = await playRounds(probes, {
    rounds: Number(values.rounds),
    load: Number(values.load),
    tell: values.json ? () => undefined : say,
  });
  if (values.json) say(JSON.stringify({ cores: availableParallelism(), ...report }));
  else for (const line of describe(report)) say(line);
  return report.findings.length === 0;
}

const [file] = positionals;
const kind = values.control;
if (file === undefined || (kind !== undefined && kind !== "naive" && kind !== "vm")) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
process.exit((await (kind === undefined ? product(file) : control(file, kind))) ? 0 : 1);
