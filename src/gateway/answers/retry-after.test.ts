import fc from 'fast-check';
import { parseRetryAfterMs } from './retry-after.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['2', 2000],
    [' 2 ', 2000],
    ['0', 0],
    ['999999', 3_600_000],
    ['9'.repeat(400), 3_600_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['Thu Jan  1 00:00:30 2026', 30_000],
    ['Fri, 01 Jan 2027 00:00:00 GMT', 3_600_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', null],
    ['-5', null],
    ['1.5', null],
    ['soon', null],
    ['soon 2099', null],
    ['2099-01-01', null],
    ['', null],
    [undefined, null],
  ])('%s means %s ms', (value, expected) => {
    expect(parseRetryAfterMs(value, NOW)).toBe(expected);
  });

  test('never counts as more than an hour or as the past, whatever it says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.nat().map(String)), (value) => {
        const delayMs = parseRetryAfterMs(value, NOW);
        expect(delayMs === null || (delayMs >= 0 && delayMs <= 3_600_000)).toBe(true);
      }),
    );
  });
});
