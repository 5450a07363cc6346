import { decideFairShare } from './decide-fair-share.ts';

const tasksOf = (...counts: number[]) =>
  counts.flatMap((count, user) => Array.from({ length: count }, () => BigInt(user + 1)));

test('a queue of many users is claimed by age alone', () => {
  expect(decideFairShare(tasksOf(...Array.from({ length: 100 }, () => 2)), 50).turnCount).toBe(0);
  expect(decideFairShare(tasksOf(20, ...Array.from({ length: 180 }, () => 1)), 50).turnCount).toBe(0);
});

test('half of the next claim goes by turns when one user fills the queue, without a turn for that user', () => {
  expect(decideFairShare(tasksOf(200), 50)).toEqual({ turnCount: 25, heavyUserIds: [1n] });
  expect(decideFairShare(tasksOf(150, 25, 25), 50)).toEqual({ turnCount: 25, heavyUserIds: [1n] });
});

test('the same when a few users fill it together', () => {
  expect(decideFairShare(tasksOf(70, 70, 60), 10)).toEqual({ turnCount: 5, heavyUserIds: [1n, 2n, 3n] });
});

test('a claim of one task goes by turns every second time', () => {
  expect(decideFairShare(tasksOf(4), 1).turnCount).toBe(0.5);
});

test('nothing is concluded from a few tasks, or from users who had one each', () => {
  expect(decideFairShare(tasksOf(3), 10).turnCount).toBe(0);
  expect(decideFairShare(tasksOf(1, 1, 1, 1, 1), 10).turnCount).toBe(0);
});
