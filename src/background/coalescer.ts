/** Too many items are waiting for a batch; nothing was done with the refused item. */
export class CoalescerFull extends Error {
  override readonly name = 'CoalescerFull';
}

/** The item waited too long for a batch; nothing was done with it. */
export class CoalescerLate extends Error {
  override readonly name = 'CoalescerLate';
}

export interface CoalescerOptions<Item, Result> {
  /** A function is called for each batch. */
  readonly maxBatchSize: number | (() => number);
  /** The most items that may wait for a batch; another one is refused with CoalescerFull. */
  readonly maxWaiting: number;
  /** How long an item may wait for a batch before it fails with CoalescerLate; by default without limit. */
  readonly maxWaitMs?: number | undefined;
  /** The most batches in progress at once. */
  readonly maxConcurrentBatches: number;
  /** A batch that takes longer than this no longer counts towards that limit, for at most `maxSlowBatches` batches. */
  readonly slowAfterMs?: number;
  readonly maxSlowBatches?: number;
  /** Handles one batch and returns a result for each item, in order. If it throws, every item of the batch gets the error. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
}

export interface Coalescer<Item, Result> {
  /** @throws CoalescerFull if too many items are waiting, CoalescerLate after maxWaitMs, or the error of the item's batch. */
  submit(item: Item): Promise<Result>;
  waitingCount(): number;
  /** Resolves when nothing is waiting or in progress. */
  drain(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly waitsUntilMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers single items into batches without a timer: if no batch is in progress, an item starts one at the end of the current turn of the
 * event loop; items that arrive during a batch form the next one. So a lone item is not delayed, and the batch size follows the load.
 */
export function createCoalescer<Item, Result>(
  options: CoalescerOptions<Item, Result>,
): Coalescer<Item, Result> {
  const { maxWaitMs } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let runningCount = 0;
  /** Batches in progress that no longer count towards the limit. */
  let slowCount = 0;
  let isStartScheduled = false;
  let idleWaiters: (() => void)[] = [];
  let lateTimer: NodeJS.Timeout | undefined;

  /** One timer is enough: the first item of the queue is the first to be late. */
  function watchForLateItems(): void {
    const [first] = waiting;
    if (maxWaitMs === undefined || lateTimer || !first) return;
    lateTimer = setTimeout(
      () => {
        lateTimer = undefined;
        const now = performance.now();
        const firstInTime = waiting.findIndex((entry) => entry.waitsUntilMs > now);
        const late = waiting.splice(0, firstInTime === -1 ? waiting.length : firstInTime);
        for (const entry of late) entry.reject(new CoalescerLate('waited too long'));
        watchForLateItems();
      },
      Math.max(1, first.waitsUntilMs - performance.now()),
    );
    lateTimer.unref();
  }

  function scheduleStart(): void {
    if (isStartScheduled || runningCount - slowCount >= options.maxConcurrentBatches || waiting.length === 0)
      return;
    isStartScheduled = true;
    setImmediate(() => {
      isStartScheduled = false;
      startBatch();
      scheduleStart();
    });
  }

  function startBatch(): void {
    if (runningCount - slowCount >= options.maxConcurrentBatches || waiting.length === 0) return;
    const size = typeof options.maxBatchSize === 'number' ? options.maxBatchSize : options.maxBatchSize();
    const batch = waiting.slice(0, size);
    waiting = waiting.slice(size);
    runningCount += 1;
    void letOthersPassWhenSlow(runBatch(batch)).finally(() => {
      runningCount -= 1;
      if (waiting.length > 0) scheduleStart();
      else if (runningCount === 0) releaseIdleWaiters();
    });
  }

  /**
   * A stuck batch (waiting for a lock, or for a standby to acknowledge its COMMIT) must not block the others: it gives up its place, once.
   */
  async function letOthersPassWhenSlow(batch: Promise<void>): Promise<void> {
    const { slowAfterMs, maxSlowBatches = 0 } = options;
    if (slowAfterMs === undefined) return await batch;
    let isSlow = false;
    const timer = setTimeout(() => {
      if (slowCount >= maxSlowBatches) return;
      isSlow = true;
      slowCount += 1;
      scheduleStart();
    }, slowAfterMs);
    timer.unref();
    await batch;
    clearTimeout(timer);
    if (isSlow) slowCount -= 1;
  }

  async function runBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.run(batch.map((entry) => entry.item));
      if (results.length !== batch.length) {
        throw new Error(`a batch of ${batch.length} items gave ${results.length} results`);
      }
      batch.forEach((entry, index) => {
        entry.resolve(results[index] as Result);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }

  function releaseIdleWaiters(): void {
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const release of waiters) release();
  }

  return {
    submit(item) {
      if (waiting.length >= options.maxWaiting)
        return Promise.reject(new CoalescerFull('too many items wait'));
      return new Promise<Result>((resolve, reject) => {
        const waitsUntilMs = maxWaitMs === undefined ? Infinity : performance.now() + maxWaitMs;
        waiting.push({ item, waitsUntilMs, resolve, reject });
        scheduleStart();
        watchForLateItems();
      });
    },
    waitingCount: () => waiting.length,
    drain() {
      if (waiting.length === 0 && runningCount === 0) return Promise.resolve();
      return new Promise<void>((resolve) => {
        idleWaiters.push(resolve);
      });
    },
  };
}
