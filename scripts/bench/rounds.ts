/** One thing that is measured in every round. */
export interface Measure<T> {
  name: string;
  take: () => Promise<T>;
}

/**
 * Takes every measure once a round, each round beginning with another one: a disturbance of the machine then meets all
 * of them, and none always follows the same.
 */
export async function interleave<T>(
  measures: readonly Measure<T>[],
  { rounds, tell }: { rounds: number; tell: (line: string) => void },
): Promise<Record<string, T[]>> {
  const taken: Record<string, T[]> = Object.fromEntries(measures.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % measures.length;
    for (const { name, take } of [...measures.slice(first), ...measures.slice(0, first)]) {
      tell(`round ${round + 1} of ${rounds}: ${name}`);
      taken[name]?.push(await take());
    }
  }
  return taken;
}
