import { sleep } from './sleep.ts';
import { createTurns, TurnsFull, TurnsLate, type TurnsOptions } from './turns.ts';

const limits: TurnsOptions = { maxAtOnce: 2, maxWaiting: 100, maxWaitingOfOne: 100, maxWaitMs: 60_000 };

/** Work that goes on until it is told to end, and a record of what has begun. */
function createWork() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    of: (name: string) => () =>
      new Promise<string>((resolve) => {
        begun.push(name);
        ends.set(name, () => resolve(name));
      }),
    async end(name: string): Promise<void> {
      ends.get(name)?.();
      await sleep(0);
    },
  };
}

test('one owner has one turn at a time, in the order in which its work came', async () => {
  const turns = createTurns(limits);
  const work = createWork();
  const all = ['a1', 'a2', 'a3'].map((name) => turns.take('a', work.of(name)));
  expect(work.begun).toEqual(['a1']);
  expect(turns.waitingCount()).toBe(2);
  await work.end('a1');
  await work.end('a2');
  await work.end('a3');
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3']);
  expect(turns.waitingCount()).toBe(0);
});

test('another owner does not wait behind the line of the first, and no more are at work than may be', async () => {
  const turns = createTurns(limits);
  const work = createWork();
  const all = [
    ...Array.from({ length: 50 }, (_, n) => turns.take('a', work.of(`a${n}`))),
    ...['b', 'c', 'd'].map((name) => turns.take(name, work.of(name))),
  ];
  expect(work.begun).toEqual(['a0', 'b']);
  await work.end('a0');
  expect(work.begun).toEqual(['a0', 'b', 'c']);
  await work.end('b');
  expect(work.begun).toEqual(['a0', 'b', 'c', 'd']);
  await work.end('c');
  expect(work.begun).toEqual(['a0', 'b', 'c', 'd', 'a1']);
  await work.end('d');
  for (let n = 1; n < 50; n += 1) await work.end(`a${n}`);
  expect(await Promise.all(all)).toHaveLength(53);
});

test('too many of one owner, or of all together, are refused at once', async () => {
  const turns = createTurns({ ...limits, maxWaiting: 3, maxWaitingOfOne: 2 });
  const work = createWork();
  const first = ['a1', 'a2', 'a3'].map((name) => turns.take('a', work.of(name)));
  await expect(turns.take('a', work.of('a4'))).rejects.toThrow(TurnsFull);
  const others = ['b1', 'b2'].map((name) => turns.take('b', work.of(name)));
  await expect(turns.take('b', work.of('b3'))).rejects.toThrow(TurnsFull);
  for (const name of ['a1', 'b1', 'a2', 'b2', 'a3']) await work.end(name);
  expect(await Promise.all([...first, ...others])).toHaveLength(5);
  expect(work.begun).not.toContain('a4');
});

test('what has waited too long when its turn comes is refused, and what comes after it is done', async () => {
  const turns = createTurns({ ...limits, maxWaitMs: 200 });
  const work = createWork();
  const first = turns.take('a', work.of('a1'));
  const late = turns.take('a', work.of('a2'));
  late.catch(() => {});
  await sleep(250);
  const inTime = turns.take('a', work.of('a3'));
  await work.end('a1');
  await expect(late).rejects.toThrow(TurnsLate);
  expect(work.begun).toEqual(['a1', 'a3']);
  await work.end('a3');
  expect(await Promise.all([first, inTime])).toEqual(['a1', 'a3']);
});

test('work that fails gives its turn back', async () => {
  const turns = createTurns(limits);
  const failing = turns.take('a', () => Promise.reject(new Error('no')));
  const next = turns.take('a', async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});
