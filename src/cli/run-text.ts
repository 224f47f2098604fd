import type { Run } from "./answers.ts";
import { manyLines, oneLine } from "./text.ts";

/** A run as a person reads it: what came of it, where it failed, and what it logged. */
export function runText(run: Run): string {
  const lines = [`${run.id} ${oneLine(run.command)}: ${run.state} in ${Math.round(run.duration_ms)} ms`];
  if (run.answer !== null) lines.push(`answer: ${manyLines(run.answer)}`);
  if (run.error) lines.push(`error: ${run.error.code}: ${manyLines(run.error.message)}`, ...placeLines(run.error));
  if (run.effects.length > 0) lines.push(effectsText(run));
  for (const { level, command, text } of run.log) lines.push(`${level}: ${oneLine(command)}: ${manyLines(text)}`);
  return lines.join("\n");
}

/** `commands/_hello.js:12:3`, as editors and terminals make a link of it. */
export function placeOf({ file, line, column }: NonNullable<Run["error"]>): string {
  if (file === null) return "";
  return [oneLine(file), ...(line === null ? [] : [line, ...(column === null ? [] : [column])])].join(":");
}

function placeLines(error: NonNullable<Run["error"]>): string[] {
  const place = placeOf(error);
  const command = error.command === null ? "" : ` (${oneLine(error.command)})`;
  return place === "" ? [] : [`  at ${place}${command}`];
}

function effectsText({ state, effects }: Run): string {
  const counts = new Map<string, number>();
  for (const { kind } of effects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const list = [...counts].map(([kind, count]) => `${count} × ${kind}`).join(", ");
  return state === "done" ? `effects: ${list}` : `effects, none of which was carried out: ${list}`;
}
