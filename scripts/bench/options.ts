import { parseArgs } from "node:util";

const PARTS = ["links", "store", "respawn", "growth"] as const;
export type PartName = (typeof PARTS)[number];

export interface Options {
  parts: readonly PartName[];
  rounds: number;
  seconds: number;
  json: boolean;
  /** Instead of measuring: where the time of a call goes in the server's process. */
  profile: boolean;
}

export const HELP = `npm run bench -- [options]

  --rounds N     rounds of each measure (5)
  --seconds S    seconds of one measure in one round (4)
  --only PART    links, store, respawn or growth; may be given more than once
  --store        the same as --only store
  --json         every figure of every round, instead of the table
  --profile      no measures: where the time of a call goes in the server's process

Loopback only; with its defaults it takes about five minutes. Nothing else should run meanwhile.`;

/** @throws Error with a sentence about what is wrong */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "4" },
      only: { type: "string", multiple: true, default: [] },
      store: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const only = values.store ? [...values.only, "store"] : values.only;
  const wrong = only.find((name) => !PARTS.some((part) => part === name));
  if (wrong !== undefined) throw new Error(`--only ${wrong}: there are ${PARTS.join(", ")}.`);
  return {
    parts: only.length === 0 ? PARTS : PARTS.filter((part) => only.includes(part)),
    rounds: readNumber("--rounds", values.rounds, 50),
    seconds: readNumber("--seconds", values.seconds, 60),
    json: values.json,
    profile: values.profile,
  };
}

function readNumber(name: string, text: string, max: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > max)
    throw new Error(`${name} ${text}: it must be a whole number from 1 to ${max}.`);
  return number;
}
