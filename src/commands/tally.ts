/** Counts what the commands of one batch took, by the name of the source. */
export interface Tally {
  taken(name: string): bigint;
  take(name: string, amount: bigint): void;
}

export function createTally(): Tally {
  const sums = new Map<string, bigint>();
  const taken = (name: string) => sums.get(name) ?? 0n;
  return {
    taken,
    take(name, amount) {
      sums.set(name, taken(name) + amount);
    },
  };
}
