import { countOf } from './plural.ts';

test.each([
  [0, '0 entries'],
  [1, '1 entry'],
  [1n, '1 entry'],
  [2n, '2 entries'],
])('%s is counted as %s', (count, text) => {
  expect(countOf(count, 'entry', 'entries')).toBe(text);
});
