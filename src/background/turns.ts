/** Too many are waiting for a turn; nothing was done for the one that was refused. */
export class TurnsFull extends Error {
  override readonly name = 'TurnsFull';
}

/** It waited too long for its turn; nothing was done for it. */
export class TurnsLate extends Error {
  override readonly name = 'TurnsLate';
}

export interface TurnsOptions {
  /** How many have a turn at once, each of another owner. */
  readonly maxAtOnce: number;
  /** The most that wait, of all owners together. */
  readonly maxWaiting: number;
  /** The most that wait of one owner. */
  readonly maxWaitingOfOne: number;
  /** Whoever has waited longer when the turn comes is refused. */
  readonly maxWaitMs: number;
}

export interface Turns {
  /**
   * Does work once it is the turn of its owner.
   * @throws TurnsFull or TurnsLate, and then nothing was done; or what the work throws.
   */
  take<Result>(owner: string, work: () => Promise<Result>): Promise<Result>;
  waitingCount(): number;
}

interface Waiting {
  readonly waitsUntilMs: number;
  readonly start: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}

/**
 * Lets work take turns by its owner: one piece of an owner at a time, and a few owners at once, in the order in which they came. However much
 * one owner sends, another waits for those that are at work, and not for the line.
 */
export function createTurns({ maxAtOnce, maxWaiting, maxWaitingOfOne, maxWaitMs }: TurnsOptions): Turns {
  /** The lines of owners that have no turn now, and of those that have one. */
  const idle = new Map<string, Waiting[]>();
  const atWork = new Map<string, Waiting[]>();
  let waitingCount = 0;

  function startNext(): void {
    while (atWork.size < maxAtOnce) {
      const [next] = idle;
      if (!next) return;
      const [owner, line] = next;
      idle.delete(owner);
      const first = takeInTime(line);
      if (!first) continue;
      atWork.set(owner, line);
      void first.start().finally(() => {
        atWork.delete(owner);
        if (line.length > 0) idle.set(owner, line);
        startNext();
      });
    }
  }

  function takeInTime(line: Waiting[]): Waiting | undefined {
    for (;;) {
      const first = line.shift();
      if (!first) return undefined;
      waitingCount -= 1;
      if (performance.now() <= first.waitsUntilMs) return first;
      first.refuse(new TurnsLate('it waited too long for its turn'));
    }
  }

  return {
    take<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
      const line = atWork.get(owner) ?? idle.get(owner) ?? [];
      if (waitingCount >= maxWaiting || line.length >= maxWaitingOfOne)
        return Promise.reject(new TurnsFull('too many are waiting'));
      return new Promise((resolve, reject) => {
        line.push({
          waitsUntilMs: performance.now() + maxWaitMs,
          start: () => work().then(resolve, reject),
          refuse: reject,
        });
        waitingCount += 1;
        if (!atWork.has(owner)) idle.set(owner, line);
        startNext();
      });
    },
    waitingCount: () => waitingCount,
  };
}
