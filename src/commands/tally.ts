/** What the commands of one batch took and made, for those after them. */
export interface Tally {
  taken(name: string): bigint;
  take(name: string, amount: bigint): void;
  /** What a command of the batch left under this name; undefined when none did. */
  noted(name: string): unknown;
  note(name: string, made: unknown): void;
}

export function createTally(): Tally {
  const sums = new Map<string, bigint>();
  const notes = new Map<string, unknown>();
  const taken = (name: string) => sums.get(name) ?? 0n;
  return {
    taken,
    take(name, amount) {
      sums.set(name, taken(name) + amount);
    },
    noted: (name) => notes.get(name),
    note(name, made) {
      notes.set(name, made);
    },
  };
}
