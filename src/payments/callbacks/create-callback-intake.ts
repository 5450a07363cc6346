import { CoalescerFull, createCoalescer } from '../../background/coalescer.ts';
import { CommandUnavailable } from '../../commands/command-outcome.ts';
import type { Pool } from '../../database/database.ts';
import { doTogetherOrApart } from '../../database/transactions/together-or-apart.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import type { ProcessedEvent, UnprocessedEvent } from './gateway-event.ts';
import type { ReceivedEvent } from './gateway-events.sql.ts';
import { processGatewayEvents } from './process-gateway-events.ts';
import { storeGatewayEvents } from './store-gateway-events.ts';

export interface CallbackEvents {
  processed(event: ProcessedEvent): void;
  /** The event stays stored and is tried again. */
  failed(event: UnprocessedEvent): void;
  differed(exceptions: readonly Difference[]): void;
}

export interface CallbackIntake {
  /**
   * Stores an event. When it resolves, the event is durable and reaches its payment whatever becomes of this process.
   * @throws CommandUnavailable when too many wait, or a database error; then the gateway must send it again.
   */
  store(event: ReceivedEvent): Promise<'stored' | 'duplicate'>;
  /** Resolves when what was taken in is stored and its processing has ended. */
  stop(): Promise<void>;
}

type StoredEvent =
  | { readonly kind: 'stored' | 'duplicate' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** How long a row of a known event is waited for, and how long a batch is halved, once one of them is known to be locked. */
const LOCK_WAIT_MS = 100;
const SPLIT_MS = 3000;
const MAX_BATCH_SIZE = 200;
const MAX_WAITING = 5000;

/**
 * Takes the gateway's callbacks in: stored together with others that arrive at the same time, answered, and then
 * brought to their payments right away. Whatever this process does not get to is left to the workers' sweep.
 */
export function createCallbackIntake({
  pool,
  events,
}: {
  readonly pool: Pool;
  readonly events: CallbackEvents;
}): CallbackIntake {
  const limits = { maxBatchSize: MAX_BATCH_SIZE, maxWaiting: MAX_WAITING };
  const storing = createCoalescer<ReceivedEvent, StoredEvent>({
    ...limits,
    maxConcurrentBatches: 2,
    async run(batch) {
      const stored = new Map<ReceivedEvent, StoredEvent>();
      await doTogetherOrApart(batch, {
        giveUpAtMs: performance.now() + SPLIT_MS,
        async run(together) {
          // The first try waits as long as any statement; after it, only briefly for whoever has one of the rows.
          const lockWaitMs = together === batch ? {} : { lockWaitMs: LOCK_WAIT_MS };
          const { results, newDifferences } = await storeGatewayEvents(pool, together, lockWaitMs);
          if (newDifferences.length > 0) events.differed(newDifferences);
          together.forEach((event, index) => {
            stored.set(event, { kind: results[index] as 'stored' | 'duplicate' });
          });
        },
        onFailed: (event, error) => stored.set(event, { kind: 'failed', error }),
      });
      return batch.map((event) => stored.get(event) as StoredEvent);
    },
  });
  const processing = createCoalescer<string, undefined>({
    ...limits,
    maxConcurrentBatches: 2,
    async run(eventIds) {
      const { processed, failed } = await processGatewayEvents(pool, eventIds);
      for (const event of processed) events.processed(event);
      for (const event of failed) events.failed(event);
      return eventIds.map(() => undefined);
    },
  });

  function processSoon(eventId: string): void {
    processing.submit(eventId).catch((error: unknown) => {
      // Too many wait: the sweep takes it.
      if (!(error instanceof CoalescerFull)) events.failed({ eventId, error });
    });
  }

  return {
    async store(event) {
      try {
        const result = await storing.submit(event);
        if (result.kind === 'failed') throw result.error;
        // One that came before, too: while it was counted again, it was locked for whoever was to process it.
        processSoon(event.eventId);
        return result.kind;
      } catch (error) {
        if (error instanceof CoalescerFull) throw new CommandUnavailable('overload', { cause: error });
        throw error;
      }
    },
    async stop() {
      await storing.drain();
      await processing.drain();
    },
  };
}
