import { getEventListeners } from 'node:events';
import { withDeadline } from './call-deadline.ts';

const untilAborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

test('a call that takes too long ends with a timeout', async () => {
  const reason = await withDeadline({ timeoutMs: 10, outer: undefined }, untilAborted);
  expect(reason).toMatchObject({ name: 'TimeoutError' });
});

test('a caller that gives up ends the call with its own reason', async () => {
  const outer = new AbortController();
  const reason = withDeadline({ timeoutMs: 5000, outer: outer.signal }, untilAborted);
  outer.abort('stopping');
  expect(await reason).toBe('stopping');
});

test('many calls with one signal leave no listener on it', async () => {
  const outer = new AbortController();
  await Promise.all(
    Array.from({ length: 100 }, () => withDeadline({ timeoutMs: 5000, outer: outer.signal }, async () => 1)),
  );
  expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
});
