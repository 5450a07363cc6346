import { cursorPattern, encodeCursor, readCursor } from './list-cursor.ts';

test("a cursor leads to its place in its own list, and matches the list's pattern", () => {
  for (const id of [1n, 51n, 9_007_199_254_740_991n]) {
    const cursor = encodeCursor('dead_letters', id);
    expect(readCursor('dead_letters', cursor)).toBe(id);
    expect(cursor).toMatch(new RegExp(cursorPattern('dead_letters')));
  }
});

test('a cursor of another list is recognized', () => {
  const cursor = encodeCursor('dead_letters', 51n);
  expect(readCursor('payments', cursor)).toContain('another list');
  expect(readCursor('payments', encodeCursor('payments', 51n))).toBe(51n);
});

test.each([
  '',
  'd',
  'd0',
  'd01',
  'd-1',
  'd1.5',
  'D1',
  'd1 ',
  ' d1',
  'd1\n',
  'z1',
  '51',
  'd99999999999999999',
  'cDU',
])('%j is no cursor', (text) => {
  expect(readCursor('dead_letters', text)).toContain('is not a cursor of this list');
});
