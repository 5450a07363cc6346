import { askAgain } from './ask-again.ts';

const { jest } = import.meta;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pauses = { baseMs: 100, maxMs: 300 };

/** Begins to ask for something that is locked until it has been asked `lockedCount` times. */
function begin(
  lockedCount: number,
  { first = 'locked', forMs = 10_000, signal = undefined as AbortSignal | undefined } = {},
) {
  const startedAtMs = performance.now();
  const askedAtMs: number[] = [];
  const ask = async () => {
    askedAtMs.push(performance.now() - startedAtMs);
    return askedAtMs.length <= lockedCount ? 'locked' : 'done';
  };
  const mustWait = (answer: string) => answer === 'locked';
  const result = askAgain(first, ask, { mustWait, pauses, forMs, ...(signal && { signal }) });
  return { askedAtMs, result };
}

test('a question is repeated after each pause, until its answer need not be waited on', async () => {
  const { askedAtMs, result } = begin(3);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(await result).toBe('done');
  expect(askedAtMs).toEqual([100, 300, 600, 900]);
});

test('a first answer that need not be waited on is returned at once', async () => {
  const { askedAtMs, result } = begin(0, { first: 'refused' });
  expect(await result).toBe('refused');
  expect(askedAtMs).toEqual([]);
});

test('after the time is over no pause begins, and the question of a pause that had begun is the last', async () => {
  const { askedAtMs, result } = begin(99, { forMs: 500 });
  await jest.advanceTimersByTimeAsync(10_000);
  expect(await result).toBe('locked');
  expect(askedAtMs).toEqual([100, 300, 600]);
});

test('the signal ends a pause, and the question that follows is the last', async () => {
  const abort = new AbortController();
  const { askedAtMs, result } = begin(99, { signal: abort.signal });
  await jest.advanceTimersByTimeAsync(150);
  abort.abort();
  expect(await result).toBe('locked');
  expect(askedAtMs).toEqual([100, 150]);
  expect(jest.getTimerCount()).toBe(0);
});

test('an error of a question is thrown at once', async () => {
  const failing = askAgain('locked', () => Promise.reject(new Error('no')), {
    mustWait: () => true,
    pauses,
    forMs: 10_000,
  }).catch((error: Error) => error.message);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(await failing).toBe('no');
});
