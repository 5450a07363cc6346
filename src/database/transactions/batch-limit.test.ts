import { createBatchLimit } from './batch-limit.ts';

test('a batch that takes too long halves the next ones, and full batches that succeed let them grow again', () => {
  const limit = createBatchLimit(100);
  limit.tooSlow(100);
  limit.tooSlow(50);
  expect(limit.now()).toBe(25);
  for (let times = 0; times < 9; times += 1) limit.wellDone(25);
  limit.wellDone(3);
  expect(limit.now()).toBe(25);
  limit.wellDone(25);
  expect(limit.now()).toBe(50);
  for (let times = 0; times < 20; times += 1) limit.wellDone(100);
  expect(limit.now()).toBe(100);
});

test('a single item that takes too long is still a batch', () => {
  const limit = createBatchLimit(4);
  for (const size of [4, 2, 1, 1]) limit.tooSlow(size);
  expect(limit.now()).toBe(1);
});
