import fc from 'fast-check';
import { median, percentile, summariseLatencies } from './statistics.ts';

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
  minLength: 1,
});

test('the median of an odd number of values is the one in the middle, whatever their order', () => {
  expect(median([30, 10, 20])).toBe(20);
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([40, 10, 30, 20])).toBe(25);
});

test('a percentile is always a value that was measured, and at least so many values do not exceed it', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (measured, percent) => {
      const found = percentile(measured, percent);
      expect(measured).toContain(found);
      const withinCount = measured.filter((value) => value <= found).length;
      expect(withinCount).toBeGreaterThanOrEqual((percent / 100) * measured.length);
    }),
  );
});

test('the 99th percentile of a hundred values leaves out the largest only', () => {
  const measured = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(percentile(measured, 99)).toBe(99);
  expect(percentile(measured, 100)).toBe(100);
});

test('of no values there is no median and no percentile', () => {
  expect(() => median([])).toThrow('needs values');
  expect(() => percentile([], 50)).toThrow('needs values');
});

test('a summary says how many latencies it speaks of', () => {
  expect(summariseLatencies([3, 1, 2])).toEqual({ count: 3, p50_ms: 2, p95_ms: 3, p99_ms: 3, max_ms: 3 });
});
