import { InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { isJsonObject, nestsDeeperThan } from "../core/json.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { readIntegerId } from "../core/ids.ts";
import { JSON_DEPTH } from "../core/limits.ts";

/** Members that every verb's options have. */
export interface Common {
  json?: true;
}

export const jsonOption = () => new Option("--json", "say it as JSON");
export const botOption = (about = "the bot; may be left out where there is just one") =>
  new Option("--bot <id>", about).argParser(readId);
export const userOption = (about: string) => new Option("--user <id>", about).argParser(readId);

export function readId(text: string): number {
  const id = readIntegerId(text);
  if (id === undefined) throw new InvalidArgumentError("An id is a whole number from 1.");
  return id;
}

/** A whole number from `min`, in decimal digits. */
export function readCount(min: number) {
  return (text: string): number => {
    const count = /^[0-9]{1,15}$/.test(text) ? Number(text) : -1;
    if (count < min) throw new InvalidArgumentError(`It is a whole number from ${min}.`);
    return count;
  };
}

export function readRunId(text: string): string {
  if (!/^run_[0-9a-z]{1,64}$/.test(text)) throw new InvalidArgumentError("The id of a run begins with run_.");
  return text;
}

export function readObject(text: string): JsonObject {
  const value = readJson(text);
  if (!isJsonObject(value)) throw new InvalidArgumentError('It is a JSON object, such as {"amount":5}.');
  return value;
}

/** undefined where the text is no JSON, or nests deeper than the server takes. */
export function readJson(text: string): Json | undefined {
  if (nestsDeeperThan(text, JSON_DEPTH)) return undefined;
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
