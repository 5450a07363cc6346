import fc from 'fast-check';
import { aroundJitter, backoffMs, type Jitter, jitterByShare, jitterUpTo } from './backoff.ts';

const backoff = { baseMs: 1000, maxMs: 30_000 };
const attempts = fc.integer({ min: 1, max: 10_000 });
const randoms = fc.double({ min: 0, max: 0.999_999, noNaN: true });

describe('a backoff', () => {
  test('doubles with each try', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, backoff, 0))).toEqual([1000, 2000, 4000, 8000]);
  });

  test('stops growing at its maximum', () => {
    expect(backoffMs(10, backoff, 0)).toBe(30_000);
    expect(backoffMs(10_000, backoff, 0)).toBe(30_000);
  });

  test('grows by its factor, or not at all', () => {
    expect(backoffMs(3, { ...backoff, factor: 3 }, 0)).toBe(9000);
    expect(backoffMs(1000, { ...backoff, factor: 1 }, 0)).toBe(1000);
  });

  test('of nothing is nothing, however often it was tried', () => {
    expect(backoffMs(10_000, { baseMs: 0, maxMs: Number.POSITIVE_INFINITY }, 0.5)).toBe(0);
  });

  test('a try before the first one waits as the first', () => {
    expect(backoffMs(0, backoff, 0)).toBe(1000);
  });

  const bounds: readonly [string, Jitter, (pauseMs: number) => readonly [number, number]][] = [
    ['around: a quarter more or less', aroundJitter, (pause) => [pause * 0.75, pause * 1.25]],
    ['up to a length: that much more', jitterUpTo(500), (pause) => [pause, pause + 500]],
    ['by a share: that share more', jitterByShare(0.2), (pause) => [pause, pause * 1.2]],
  ];
  test.each(bounds)('jitter, %s', (_, jitter, boundsOf) => {
    fc.assert(
      fc.property(attempts, randoms, (attempt, random) => {
        const [least, most] = boundsOf(backoffMs(attempt, backoff, 0));
        const pauseMs = backoffMs(attempt, { ...backoff, jitter }, random);
        expect(pauseMs).toBeGreaterThanOrEqual(Math.floor(least));
        expect(pauseMs).toBeLessThanOrEqual(Math.ceil(most));
      }),
    );
    const [least, most] = boundsOf(1000);
    expect(backoffMs(1, { ...backoff, jitter }, 0)).toBe(least);
    expect(backoffMs(1, { ...backoff, jitter }, 0.999_999)).toBe(most);
  });
});
