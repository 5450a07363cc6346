/** The requests that wait for events at the same time; each keeps a connection of a client open. */
export interface FeedPlaces {
  /** Takes a place until the signal fires. @returns whether there was one. */
  take(signal: AbortSignal): boolean;
  takenCount(): number;
}

export function createFeedPlaces(count: number): FeedPlaces {
  let takenCount = 0;
  return {
    take(signal) {
      if (signal.aborted) return true;
      if (takenCount >= count) return false;
      takenCount += 1;
      signal.addEventListener('abort', () => {
        takenCount -= 1;
      });
      return true;
    },
    takenCount: () => takenCount,
  };
}
