import fc from 'fast-check';
import { countNotFound } from './count-not-found.ts';

const GRACE_MS = 900_000;

/** Asks at these times after the last call, each answered "not found", and gives when it was believed. */
function askAt(timesMs: readonly number[]): number | undefined {
  let notFoundCount = 0;
  let countedAtMs: number | null = null;
  for (const atMs of timesMs) {
    const notFoundForMs = countedAtMs === null ? null : atMs - countedAtMs;
    const counted = countNotFound({ quietForMs: atMs, notFoundForMs, notFoundCount }, GRACE_MS);
    if (counted.notFoundCount > notFoundCount) countedAtMs = atMs;
    ({ notFoundCount } = counted);
    if (counted.isBelieved) return atMs;
  }
  return undefined;
}

test('a gateway that lags is not believed however often it is asked before the grace period is over', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(GRACE_MS - 1)), (timesMs) => {
      expect(askAt(timesMs.toSorted((a, b) => a - b))).toBeUndefined();
    }),
  );
});

test('it is believed at the second answer that counts, and never before one and a tenth of the grace period', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(GRACE_MS * 3), { maxLength: 30 }), (timesMs) => {
      const believedAtMs = askAt(timesMs.toSorted((a, b) => a - b));
      if (believedAtMs !== undefined) expect(believedAtMs).toBeGreaterThanOrEqual(GRACE_MS * 1.1);
    }),
  );
  expect(askAt([10_000, 40_000, 160_000, GRACE_MS, GRACE_MS + 1, GRACE_MS * 1.1])).toBe(GRACE_MS * 1.1);
});

test('asking when the next answer can count takes no more than two questions after the grace period', () => {
  const first = countNotFound({ quietForMs: 10_000, notFoundForMs: null, notFoundCount: 0 }, GRACE_MS);
  expect(first.nextCountsInMs).toBe(GRACE_MS - 10_000);
  const second = countNotFound({ quietForMs: GRACE_MS, notFoundForMs: null, notFoundCount: 0 }, GRACE_MS);
  expect(second).toEqual({
    notFoundCount: 1,
    hasCounted: true,
    isBelieved: false,
    nextCountsInMs: GRACE_MS / 10,
  });
});
