import type { Machine } from "./machine.ts";

/** A figure, and what it is held to. */
export type Budget = { unit: string; value: number } & ({ atLeast: number } | { atMost: number });

/** One line of the table. */
export interface Row {
  what: string;
  figure: string;
  budget?: Budget;
}

export function isMet(budget: Budget): boolean {
  return "atLeast" in budget ? budget.value >= budget.atLeast : budget.value <= budget.atMost;
}

export function markdown(rows: readonly Row[], { machine, rounds }: { machine: Machine; rounds: number }): string {
  const lines = rows.map(({ what, figure, budget }) => `| ${what} | ${figure} | ${budget ? words(budget) : " | "} |`);
  const { cpu, cores, memoryGb, node, commit, loadBefore, dataOn } = machine;
  return [
    "| what | measured | budget | |",
    "| --- | --- | --- | --- |",
    ...lines,
    "",
    `${rounds} interleaved rounds, medians, load generator included; ${cpu}, ${cores} cores, ${memoryGb} GB, data on ` +
      `${dataOn}, Node ${node}, commit ${commit}, load before ${loadBefore.toFixed(1)}.`,
  ].join("\n");
}

function words(budget: Budget): string {
  const limit = "atLeast" in budget ? `≥ ${budget.atLeast}` : `≤ ${budget.atMost}`;
  return `${`${limit} ${budget.unit}`.trim()} | ${isMet(budget) ? "met" : "**missed**"}`;
}

export function times(ratio: number, digits: number): string {
  return `${ratio.toFixed(digits)} ×`;
}
export function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString("en")}/s`;
}
export function megabytes(mb: number): string {
  return `${mb.toFixed(0)} MB`;
}
