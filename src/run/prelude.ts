import { readFileSync } from "node:fs";

const SANDBOX = new URL("../../sandbox/", import.meta.url);
const INCLUDE = /^ *\/\* @include ([a-z-]+) \*\/$/gm;

/** The guest's prelude with its parts put in: text that only ever runs inside the guest. */
export function readPrelude(): string {
  const read = (name: string): string => readFileSync(new URL(`${name}.js`, SANDBOX), "utf8");
  return read("prelude").replace(INCLUDE, (_, name: string) => read(name));
}
