import { decideFairShare } from './decide-fair-share.ts';

const tasksOf = (...counts: number[]) =>
  counts.flatMap((count, user) => Array.from({ length: count }, () => BigInt(user + 1)));

test('a queue of many users is claimed by age alone', () => {
  expect(decideFairShare(tasksOf(...Array.from({ length: 100 }, () => 2)), 50).turnCount).toBe(0);
  expect(decideFairShare(tasksOf(20, ...Array.from({ length: 180 }, () => 1)), 50).turnCount).toBe(0);
});

test('half of the next claim goes by turns if one user fills the queue, and that user gets no turn', () => {
  expect(decideFairShare(tasksOf(200), 50)).toEqual({ turnCount: 25, heavyUserIds: [1n] });
  expect(decideFairShare(tasksOf(150, 25, 25), 50)).toEqual({ turnCount: 25, heavyUserIds: [1n] });
});

test('half of the next claim goes by turns if a few users fill the queue together', () => {
  expect(decideFairShare(tasksOf(70, 70, 60), 10)).toEqual({ turnCount: 5, heavyUserIds: [1n, 2n, 3n] });
});

test('every second claim of one task goes by turns', () => {
  expect(decideFairShare(tasksOf(4), 1).turnCount).toBe(0.5);
});

test('a few tasks, or users who had one each, change nothing', () => {
  expect(decideFairShare(tasksOf(3), 10).turnCount).toBe(0);
  expect(decideFairShare(tasksOf(1, 1, 1, 1, 1), 10).turnCount).toBe(0);
});
