import { aroundJitter } from './backoff.ts';
import { type NextRun, type Repeated, type RepeatOptions, repeat } from './repeat.ts';

const { jest } = import.meta;

let running: Repeated | undefined;
let runCount = 0;

beforeEach(() => {
  jest.useFakeTimers();
  runCount = 0;
});
afterEach(async () => {
  jest.useRealTimers();
  await running?.stop();
  running = undefined;
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

function begin(options: Partial<RepeatOptions> = {}): {
  readonly errors: unknown[];
  readonly loop: Repeated;
} {
  const errors: unknown[] = [];
  running = repeat({
    pauseMs: 1000,
    firstRun: 'at_once',
    onError: (error) => errors.push(error),
    ...options,
    async run(signal): Promise<NextRun> {
      runCount += 1;
      return (await options.run?.(signal)) || undefined;
    },
  });
  return { errors, loop: running };
}

/** A run that goes on until it is told to end. */
function createSlowRun() {
  let end = () => {};
  let signal: AbortSignal | undefined;
  const run = (given: AbortSignal) => {
    signal = given;
    return new Promise<NextRun>((resolve) => {
      end = () => resolve(undefined);
    });
  };
  return { run, end: () => end(), signal: () => signal };
}

describe('something that is repeated', () => {
  test('runs at once, and again after each pause', async () => {
    begin();
    await pass(0);
    expect(runCount).toBe(1);
    await pass(999);
    expect(runCount).toBe(1);
    await pass(1);
    expect(runCount).toBe(2);
    await pass(3000);
    expect(runCount).toBe(5);
  });

  test('runs after a pause when the first run is not wanted at once', async () => {
    begin({ firstRun: 'after_a_pause' });
    await pass(999);
    expect(runCount).toBe(0);
    await pass(1);
    expect(runCount).toBe(1);
  });

  test('never overlaps: the pause begins when a run has ended', async () => {
    const slow = createSlowRun();
    begin({ run: slow.run });
    await pass(10_000);
    expect(runCount).toBe(1);
    slow.end();
    await pass(999);
    expect(runCount).toBe(1);
    await pass(1);
    expect(runCount).toBe(2);
    slow.end();
  });

  test('goes on after failed runs, and reports each', async () => {
    const failures = [new Error('first'), new Error('second')];
    const { errors } = begin({
      async run() {
        if (runCount <= 2) throw failures[runCount - 1];
      },
    });
    await pass(5000);
    expect(errors).toEqual(failures);
    expect(runCount).toBe(6);
  });

  test('goes on even if reporting a failure fails', async () => {
    begin({
      async run() {
        throw new Error('no database');
      },
      onError() {
        throw new Error('no log');
      },
    });
    await pass(2000);
    expect(runCount).toBe(3);
  });

  test('runs again at once when a run says that there is more', async () => {
    begin({ run: async () => (runCount < 4 ? 'goes_on' : undefined) });
    await pass(100);
    expect(runCount).toBe(4);
  });

  test('leaves the process time for other things when there is always more', async () => {
    jest.useRealTimers();
    let wasReached = false;
    const { loop } = begin({ run: async () => 'goes_on' });
    setTimeout(() => {
      wasReached = true;
    }, 5);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(wasReached).toBe(true);
    await loop.stop();
  });

  test('lets a run choose the next pause', async () => {
    begin({ run: async () => ({ inMs: runCount * 100 }) });
    await pass(0);
    await pass(100);
    expect(runCount).toBe(2);
    await pass(199);
    expect(runCount).toBe(2);
    await pass(1);
    expect(runCount).toBe(3);
  });

  test('draws each pause with its jitter', async () => {
    const draws = [0, 0.8];
    begin({ jitter: aroundJitter, random: () => draws.shift() ?? 0.5 });
    await pass(750);
    expect(runCount).toBe(2);
    await pass(1149);
    expect(runCount).toBe(2);
    await pass(1);
    expect(runCount).toBe(3);
  });

  test('can wait longer than a Node timer allows', async () => {
    const fortyDaysMs = 40 * 86_400_000;
    begin({ pauseMs: fortyDaysMs });
    await pass(0);
    await pass(fortyDaysMs - 1);
    expect(runCount).toBe(1);
    await pass(1);
    expect(runCount).toBe(2);
  });
});

describe('waking', () => {
  test('ends the pause', async () => {
    const { loop } = begin();
    await pass(10);
    loop.wake();
    await pass(0);
    expect(runCount).toBe(2);
  });

  test('a call while a run is under way makes one more, however often it comes', async () => {
    const slow = createSlowRun();
    const { loop } = begin({ run: slow.run, pauseMs: Number.POSITIVE_INFINITY });
    await pass(0);
    loop.wake();
    loop.wake();
    slow.end();
    await pass(0);
    expect(runCount).toBe(2);
    slow.end();
    await pass(100_000);
    expect(runCount).toBe(2);
  });

  test('only a call ends an endless pause', async () => {
    const { loop } = begin({ pauseMs: Number.POSITIVE_INFINITY, firstRun: 'after_a_pause' });
    await pass(10 * 86_400_000);
    expect(runCount).toBe(0);
    loop.wake();
    await pass(0);
    expect(runCount).toBe(1);
  });

  test('waits for the rest after a run', async () => {
    const { loop } = begin({ pauseMs: Number.POSITIVE_INFINITY, firstRun: 'after_a_pause', restMs: 20 });
    loop.wake();
    await pass(0);
    expect(runCount).toBe(1);
    loop.wake();
    await pass(19);
    expect(runCount).toBe(1);
    await pass(1);
    expect(runCount).toBe(2);
  });
});

describe('stopping', () => {
  test('ends the pause, and nothing runs any more', async () => {
    const { loop } = begin();
    await pass(10);
    const stopped = loop.stop();
    await pass(0);
    await stopped;
    loop.wake();
    await pass(10_000);
    expect(runCount).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('tells the run that is under way, and waits for it', async () => {
    const slow = createSlowRun();
    const { loop } = begin({ run: slow.run });
    await pass(0);
    let isStopped = false;
    const stopped = loop.stop().then(() => {
      isStopped = true;
    });
    await pass(5000);
    expect(slow.signal()?.aborted).toBe(true);
    expect(isStopped).toBe(false);
    slow.end();
    await pass(0);
    await stopped;
    await pass(5000);
    expect(runCount).toBe(1);
  });

  test('a loop whose signal fires ends as well', async () => {
    const abort = new AbortController();
    const { loop } = begin({ signal: abort.signal });
    await pass(10);
    abort.abort();
    await pass(0);
    await loop.ended;
    await pass(5000);
    expect(runCount).toBe(1);
  });

  test('a loop that was stopped before its first run never runs', async () => {
    const { loop } = begin();
    const stopped = loop.stop();
    await pass(0);
    await stopped;
    expect(runCount).toBe(0);
  });
});
