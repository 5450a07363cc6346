import { decideHistory } from './decide-history.ts';

const here = { timeline: 3n, position: 5000n, notedTimeline: 3n, cutCount: 1n };

test('a history that continues where it was is not cut', () => {
  expect(decideHistory(here, undefined)).toEqual({ kind: 'goes_on' });
  expect(decideHistory(here, { ...here, position: 5000n })).toEqual({ kind: 'goes_on' });
  expect(decideHistory({ ...here, notedTimeline: null }, undefined)).toEqual({ kind: 'unnoted' });
});

test('another timeline, forward or back, is a cut', () => {
  expect(decideHistory({ ...here, timeline: 4n }, undefined)).toEqual({ kind: 'cut', by: 'timeline' });
  expect(decideHistory({ ...here, timeline: 2n }, here)).toEqual({ kind: 'cut', by: 'timeline' });
});

test('an earlier position than this process has seen is a cut, noted once for all processes', () => {
  const seen = { ...here, position: 6000n };
  expect(decideHistory(here, seen)).toEqual({ kind: 'cut', by: 'position' });
  expect(decideHistory({ ...here, cutCount: 2n }, seen)).toEqual({ kind: 'goes_on' });
  // On another timeline places say nothing of each other; that it is another one was noted.
  expect(decideHistory({ ...here, cutCount: 2n }, { ...seen, timeline: 2n })).toEqual({ kind: 'goes_on' });
});
