import fc from 'fast-check';
import { computeBackoffMs } from './backoff.ts';

const policy = { baseMs: 1000, maxMs: 30_000, jitterMs: 500 };

describe('the backoff', () => {
  test('doubles with each attempt', () => {
    expect([1, 2, 3, 4].map((attempt) => computeBackoffMs(attempt, policy, 0))).toEqual([
      1000, 2000, 4000, 8000,
    ]);
  });

  test('stops growing at its maximum', () => {
    expect(computeBackoffMs(10, policy, 0)).toBe(30_000);
    expect(computeBackoffMs(10_000, policy, 0)).toBe(30_000);
  });

  test('adds a jitter of up to the given length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (attempt, random) => {
          const extra = computeBackoffMs(attempt, policy, random) - computeBackoffMs(attempt, policy, 0);
          expect(extra >= 0 && extra <= policy.jitterMs).toBe(true);
        },
      ),
    );
  });
});
