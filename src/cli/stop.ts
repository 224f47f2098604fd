import { CommanderError } from "commander";

/** What the exit code of a command says. */
export const EXIT = { good: 0, failed: 1, usage: 2, network: 3, auth: 4, conflict: 5 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Commander's own errors have such codes; it has said their message by the time they are thrown. */
export const COMMANDER = "commander.";

/** Ends the command with an exit code and one sentence for whoever typed it. */
export function stop(exit: Exit, code: string, sentence: string): CommanderError {
  return new CommanderError(exit, code, sentence);
}

export function usage(sentence: string): CommanderError {
  return stop(EXIT.usage, "usage", sentence);
}
