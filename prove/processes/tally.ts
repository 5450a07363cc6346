/** What must not happen: an API that lives on and refuses everything although the database can write again. */
export const STUCK = 'refused everything after the database was read-only';

/** Counts what was done to the system, and how long it took to get over it. */
export function createTally() {
  const counts = new Map<string, number>();
  const failpointHits = new Map<string, number>();
  const slowestMs = new Map<string, number>();
  const add = (map: Map<string, number>, name: string, by: number) =>
    map.set(name, (map.get(name) ?? 0) + by);

  function hitsWith(action: string): number {
    return [...failpointHits].reduce(
      (sum, [name, count]) => sum + (name.endsWith(`=${action}`) ? count : 0),
      0,
    );
  }

  return {
    count(name: string, by = 1): void {
      if (by > 0) add(counts, name, by);
    },
    countFailpoint: (failpoint: string, action: string) =>
      void add(failpointHits, `${failpoint}=${action}`, 1),
    /** Keeps the slowest time that something took to be usable again. */
    recovered(what: string, durationMs: number): void {
      slowestMs.set(what, Math.max(slowestMs.get(what) ?? 0, durationMs));
    },
    counts: (): ReadonlyMap<string, number> => counts,
    countOf: (name: string) => counts.get(name) ?? 0,
    failpointHits: (): ReadonlyMap<string, number> => failpointHits,
    killsAtFailpoints: () => hitsWith('kill'),
    errorsAtFailpoints: () => hitsWith('error'),
    slowestMs: (): ReadonlyMap<string, number> => slowestMs,
  };
}

export type Tally = ReturnType<typeof createTally>;
