import { aroundJitter } from './backoff.ts';
import { type RetryOptions, retry } from './retry.ts';

const { jest } = import.meta;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pauses = { baseMs: 100, maxMs: 300 };

/** Begins to call what fails `failureCount` times. */
function begin(failureCount: number, options: Partial<RetryOptions> = {}) {
  const startedAtMs = performance.now();
  const calledAtMs: number[] = [];
  const call = async () => {
    calledAtMs.push(performance.now() - startedAtMs);
    if (calledAtMs.length <= failureCount) throw new Error(`failure ${calledAtMs.length}`);
    return 'done';
  };
  const result = retry(call, { pauses, ...options }).catch((error: unknown) => error);
  return { calledAtMs, result };
}

describe('a call that is retried', () => {
  test('is repeated after each pause of its backoff, until it succeeds', async () => {
    const { calledAtMs, result } = begin(4);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await result).toBe('done');
    expect(calledAtMs).toEqual([0, 100, 300, 600, 900]);
  });

  test('is repeated at most as often as allowed, and then fails with the last error', async () => {
    const failed: string[] = [];
    const { calledAtMs, result } = begin(9, {
      retries: 2,
      onFailed: ({ attempt, retriesLeft }) => failed.push(`${attempt}, ${retriesLeft} left`),
    });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await result).toEqual(new Error('failure 3'));
    expect(calledAtMs).toHaveLength(3);
    expect(failed).toEqual(['1, 2 left', '2, 1 left', '3, 0 left']);
  });

  test('is not repeated once its time is over, and then fails with the last error', async () => {
    const { calledAtMs, result } = begin(9, { forMs: 500 });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await result).toEqual(new Error('failure 3'));
    expect(calledAtMs).toEqual([0, 100, 300]);
  });

  test('is tried once, however little time it has', async () => {
    const { calledAtMs, result } = begin(9, { forMs: 0 });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await result).toEqual(new Error('failure 1'));
    expect(calledAtMs).toHaveLength(1);
  });

  test('is not repeated when that cannot help', async () => {
    const { calledAtMs, result } = begin(9, { mayHelp: ({ error }) => error.message !== 'failure 2' });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await result).toEqual(new Error('failure 2'));
    expect(calledAtMs).toHaveLength(2);
  });

  test.each([
    ['of a kind that p-retry takes for a mistake', new TypeError('no such property')],
    ['of another realm', { name: 'Error', message: 'made elsewhere' }],
  ])('an error %s is one like any other, and is thrown as it is', async (_, error) => {
    const failed: unknown[] = [];
    const result = retry(() => Promise.reject(error), {
      pauses,
      retries: 1,
      onFailed: (told) => failed.push(told.error),
    }).catch((thrown: unknown) => thrown);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await result).toBe(error);
    expect(failed).toEqual([error, error]);
  });

  test('ends in the middle of a pause when its signal fires', async () => {
    const abort = new AbortController();
    const { calledAtMs, result } = begin(9, { signal: abort.signal });
    await jest.advanceTimersByTimeAsync(150);
    abort.abort(new Error('enough'));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await result).toEqual(new Error('enough'));
    expect(calledAtMs).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('draws its pauses from the given source of randomness', async () => {
    const { calledAtMs } = begin(2, {
      pauses: { ...pauses, jitter: aroundJitter },
      random: () => 0,
    });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(calledAtMs).toEqual([0, 75, 225]);
  });
});
