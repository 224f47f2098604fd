// Measures Botyard against its budgets: on loopback, in bounded time, each subject in a process of its own. What it finds
// are figures, never assertions; it fails only where a subject does not do its job.
import { readMachine } from "./machine.ts";
import { HELP, readOptions, type Options, type PartName } from "./options.ts";
import { measureGrowth } from "./parts/growth.ts";
import { measureLinks } from "./parts/links.ts";
import type { Findings, Part } from "./parts/part.ts";
import { measureRespawn } from "./parts/respawn.ts";
import { measureStore } from "./parts/store.ts";
import { profileCalls } from "./profile.ts";
import { isMet, markdown } from "./report.ts";
import { createStage } from "./stage.ts";

const PARTS: Record<PartName, Part> = {
  links: measureLinks,
  store: measureStore,
  respawn: measureRespawn,
  growth: measureGrowth,
};
const BUSY_MACHINE = 0.5; // load average
const started = performance.now();
const tell = (line: string): void => {
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  process.stderr.write(`${seconds.padStart(4)} s  ${line}\n`);
};
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function bench({ parts, rounds, seconds, json, profile }: Options): Promise<void> {
  const machine = readMachine();
  if (machine.loadBefore > BUSY_MACHINE) tell(`the machine is busy (load ${machine.loadBefore.toFixed(1)})`);
  const stage = createStage();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stage.clear().finally(() => process.exit(1)));
  try {
    if (profile) {
      say(await profileCalls({ stage, rounds, seconds, tell }));
      return;
    }
    const found: Partial<Record<PartName, Findings>> = {};
    for (const part of parts) found[part] = await PARTS[part]({ stage, rounds, seconds, tell });
    const rows = Object.values(found).flatMap((one) => one.rows);
    if (!json) say(markdown(rows, { machine, rounds }));
    else
      say(
        JSON.stringify({
          at: new Date().toISOString(),
          machine,
          rounds,
          seconds,
          table: rows.map((row) => ({ ...row, ...(row.budget && { met: isMet(row.budget) }) })),
          figures: Object.fromEntries(Object.entries(found).map(([part, { figures }]) => [part, figures])),
        }),
      );
  } finally {
    await stage.clear();
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") say(HELP);
  else await bench(options);
} catch (error) {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
