import { setTimeout as sleep } from 'node:timers/promises';
import { CoalescerFull, CoalescerLate, createCoalescer } from './coalescer.ts';

/** A lone item starts its batch at the end of this turn of the event loop. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const settings = { maxBatchSize: 10, maxWaiting: 100, maxConcurrentBatches: 1 };

test('items that arrive while a batch runs form the next one, and each gets its own result', async () => {
  const sizes: number[] = [];
  const coalescer = createCoalescer<number, number>({
    ...settings,
    run: async (items) => {
      sizes.push(items.length);
      await sleep(5);
      return items.map((item) => item * 2);
    },
  });
  const first = coalescer.submit(1);
  await nextTurn();
  const rest = [2, 3, 4].map((item) => coalescer.submit(item));
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8]);
  expect(sizes).toEqual([1, 3]);
});

test('no batch is larger than allowed', async () => {
  const sizes: number[] = [];
  const coalescer = createCoalescer<number, number>({
    ...settings,
    run: async (items) => {
      sizes.push(items.length);
      return items;
    },
  });
  await Promise.all(Array.from({ length: 25 }, (_, item) => coalescer.submit(item)));
  expect(sizes).toEqual([10, 10, 5]);
});

test('an error of a batch reaches every item of it, and the next batch goes on', async () => {
  let batchCount = 0;
  const coalescer = createCoalescer<number, number>({
    ...settings,
    run: async (items) => {
      batchCount += 1;
      if (batchCount === 1) throw new Error('no');
      return items;
    },
  });
  const results = await Promise.allSettled([coalescer.submit(1), coalescer.submit(2)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await coalescer.submit(3)).toBe(3);
});

test('an item beyond the limit is refused at once', async () => {
  const coalescer = createCoalescer<number, number>({
    ...settings,
    maxWaiting: 2,
    run: async (items) => items,
  });
  const taken = [coalescer.submit(1), coalescer.submit(2)];
  await expect(coalescer.submit(3)).rejects.toBeInstanceOf(CoalescerFull);
  expect(await Promise.all(taken)).toEqual([1, 2]);
});

test('draining waits for the batch that is running', async () => {
  let isDone = false;
  const coalescer = createCoalescer<number, number>({
    ...settings,
    run: async (items) => {
      await sleep(10);
      isDone = true;
      return items;
    },
  });
  void coalescer.submit(1);
  await coalescer.drain();
  expect(isDone).toBe(true);
  await coalescer.drain();
});

test('an item that waits too long for a batch is given up, and never handled', async () => {
  const handled: number[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const coalescer = createCoalescer<number, number>({
    ...settings,
    maxWaitMs: 200,
    run: async (items) => {
      handled.push(...items);
      await held;
      return items;
    },
  });
  const first = coalescer.submit(1);
  await nextTurn();
  const late = [2, 3].map((item) => coalescer.submit(item));
  for (const item of late) await expect(item).rejects.toBeInstanceOf(CoalescerLate);
  expect(coalescer.waitingCount()).toBe(0);

  const inTime = coalescer.submit(4);
  release();
  expect(await Promise.all([first, inTime])).toEqual([1, 4]);
  expect(handled).toEqual([1, 4]);
});
