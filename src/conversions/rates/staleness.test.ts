import { isStale, type RateFreshness } from './staleness.ts';

const HOUR_MS = 3_600_000;
const freshness = (changes: Partial<RateFreshness> = {}): RateFreshness => ({
  calendar: 'working_days',
  holidays: new Set(),
  maxAgeMs: 26 * HOUR_MS,
  hardMaxAgeMs: 120 * HOUR_MS,
  ...changes,
});
/** 2026-11-27 is a Friday. */
const FRIDAY = '2026-11-27T13:15:00Z';
const at = (asOf: string, now: string, changes?: Partial<RateFreshness>) =>
  isStale(new Date(asOf), new Date(now), freshness(changes)) ? 'stale' : 'fresh';

test.each([
  ['2026-11-27T13:15:00Z', 'fresh'],
  ['2026-11-28T23:59:59Z', 'fresh'],
  ['2026-11-29T12:00:00Z', 'fresh'],
  ['2026-11-30T15:15:00Z', 'fresh'],
  ['2026-11-30T15:15:00.001Z', 'stale'],
  ['2026-12-01T00:00:00Z', 'stale'],
])('the rate of a Friday, looked at at %s, is %s', (now, expected) => {
  expect(at(FRIDAY, now)).toBe(expected);
});

test('a rate of Tuesday is fresh on Wednesday and stale on Thursday', () => {
  expect(at('2026-11-24T13:15:00Z', '2026-11-25T13:15:00Z')).toBe('fresh');
  expect(at('2026-11-24T13:15:00Z', '2026-11-26T00:00:00Z')).toBe('stale');
});

test('a holiday of the source counts no more than a Sunday', () => {
  const holidays = new Set(['2026-12-25']);
  expect(at('2026-12-24T13:15:00Z', '2026-12-28T10:00:00Z', { holidays })).toBe('fresh');
  expect(at('2026-12-24T13:15:00Z', '2026-12-28T10:00:00Z')).toBe('stale');
});

test('whatever the calendar says, the hard limit ends it', () => {
  const holidays = new Set(['2026-11-30', '2026-12-01', '2026-12-02', '2026-12-03']);
  expect(at(FRIDAY, '2026-12-02T13:15:00Z', { holidays })).toBe('fresh');
  expect(at(FRIDAY, '2026-12-02T13:15:00.001Z', { holidays })).toBe('stale');
});

test('a source that never rests is stale on Sunday, too', () => {
  expect(at(FRIDAY, '2026-11-29T12:00:00Z', { calendar: 'every_day' })).toBe('stale');
});

test('a rate that began on a Saturday has no age before Monday', () => {
  expect(at('2026-11-28T09:00:00Z', '2026-11-30T01:00:00Z', { maxAgeMs: HOUR_MS })).toBe('fresh');
});
