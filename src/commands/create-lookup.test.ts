import type { Pool } from '../database/database.ts';
import { CommandUnavailable } from './command-outcome.ts';
import { createLookup } from './create-lookup.ts';

const LIMITS = { pool: {} as Pool, maxBatchSize: 4, maxWaiting: 8 };

test('what is looked up at the same time is read together, and each gets its own', async () => {
  const reads: (readonly number[])[] = [];
  const { find } = createLookup<number, string>(async (_, names) => {
    reads.push(names);
    return names.map((name) => (name % 2 === 0 ? `even ${name}` : undefined));
  }, LIMITS);
  const found = await Promise.all([1, 2, 3, 4, 5, 6].map(find));
  expect(found).toEqual([undefined, 'even 2', undefined, 'even 4', undefined, 'even 6']);
  expect(reads).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ]);
});

test('what is looked up later is read again', async () => {
  let version = 0;
  const { find } = createLookup<string, number>(async (_, names) => {
    version += 1;
    return names.map(() => version);
  }, LIMITS);
  expect(await find('row')).toBe(1);
  expect(await find('row')).toBe(2);
});

test('more than may wait are turned away, and the others are found', async () => {
  const { find } = createLookup<number, number>(async (_, names) => names, LIMITS);
  const ended = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => find(index)));
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
  for (const end of ended)
    if (end.status === 'rejected') {
      expect(end.reason).toBeInstanceOf(CommandUnavailable);
      expect(end.reason).toMatchObject({ reason: 'overload' });
    }
});

test('a database that is not there makes the command unavailable; any other error is passed on', async () => {
  const failing = (error: Error) => createLookup<number, number>(() => Promise.reject(error), LIMITS).find(1);
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  await expect(failing(refused)).rejects.toMatchObject({ name: 'CommandUnavailable', reason: 'database' });
  const bug = new Error('a bug');
  await expect(failing(bug)).rejects.toBe(bug);
});
