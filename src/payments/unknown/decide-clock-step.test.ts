import { type ClockReading, decideClockStep } from './decide-clock-step.ts';

/** A look for which the database took 10 ms to answer. */
const look = (databaseMs: number, atMs: number): ClockReading => ({
  databaseMs,
  beforeMs: atMs,
  afterMs: atMs + 10,
});
const last = look(1_000_000, 500);
/** What is decided when the database's clock went on by so much while 5 seconds passed here. */
const after = (byDatabaseMs: number, seenAgoMs = 5000) =>
  decideClockStep({ reading: look(last.databaseMs + byDatabaseMs, last.beforeMs + 5000), last }, seenAgoMs);

// Between 4990 and 5010 ms passed, give or take the 2 seconds that are tolerated.
test.each([5000, 2990, 7010])('a clock that went on by %d ms in 5 s is steady', (byMs) => {
  expect(after(byMs)).toEqual({ kind: 'steady' });
});

test.each([
  [7011, 2011],
  [2989, -2011],
  [3_605_000, 3_600_000],
  [-3_595_000, -3_600_000],
])('a clock that went on by %d ms in 5 s jumped by %d', (byDatabaseMs, byMs) => {
  expect(after(byDatabaseMs)).toEqual({ kind: 'jumped', byMs });
});

test('a look that lies in the future shows that the clock went back, even to a process that never looked before', () => {
  const reading = look(1_000_000, 500);
  expect(decideClockStep({ reading, last: undefined }, -2001)).toEqual({ kind: 'jumped', byMs: -2001 });
  expect(decideClockStep({ reading, last: undefined }, -2000)).toEqual({ kind: 'steady' });
});

test.each([
  [60_000, { kind: 'steady' }],
  [60_001, { kind: 'unwatched', forMs: 60_001 }],
])(
  'a clock that was last looked at %d ms ago is known to be steady only within a minute',
  (seenAgoMs, step) => {
    expect(decideClockStep({ reading: look(1_000_000, 500), last: undefined }, seenAgoMs)).toEqual(step);
    expect(after(5000, seenAgoMs)).toEqual(step);
  },
);
