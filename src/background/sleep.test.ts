import { sleep } from './sleep.ts';

const { jest } = import.meta;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Whether a sleep has ended. */
function watch(sleeping: Promise<void>): () => boolean {
  let hasEnded = false;
  void sleeping.then(() => {
    hasEnded = true;
  });
  return () => hasEnded;
}

describe('a sleep', () => {
  test('lasts as long as asked', async () => {
    const hasEnded = watch(sleep(500));
    await jest.advanceTimersByTimeAsync(499);
    expect(hasEnded()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(hasEnded()).toBe(true);
  });

  test.each([2 ** 31, 2 ** 31 - 1, 3 * 2 ** 31, 2 ** 32])(
    'of %i ms, at the limit of a Node timer or beyond it, does not end at once',
    async (ms) => {
      const hasEnded = watch(sleep(ms));
      await jest.advanceTimersByTimeAsync(ms - 1);
      expect(hasEnded()).toBe(false);
      await jest.advanceTimersByTimeAsync(1);
      expect(hasEnded()).toBe(true);
    },
  );

  test.each([0, -5])('of %i ms ends at once', async (ms) => {
    const hasEnded = watch(sleep(ms));
    await jest.advanceTimersByTimeAsync(0);
    expect(hasEnded()).toBe(true);
  });

  test('ends when its signal fires, and leaves no timer behind', async () => {
    const abort = new AbortController();
    const hasEnded = watch(sleep(Number.POSITIVE_INFINITY, { signal: abort.signal }));
    await jest.advanceTimersByTimeAsync(2 ** 31 + 5);
    expect(hasEnded()).toBe(false);
    abort.abort();
    await jest.advanceTimersByTimeAsync(0);
    expect(hasEnded()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('does not begin when its signal has fired before', async () => {
    const hasEnded = watch(sleep(1000, { signal: AbortSignal.abort() }));
    await jest.advanceTimersByTimeAsync(0);
    expect(hasEnded()).toBe(true);
  });
});
