import { CoalescerFull, createCoalescer } from '../../background/coalescer.ts';
import { CommandUnavailable } from '../../commands/command-outcome.ts';
import type { Pool } from '../../database/database.ts';
import { doTogetherOrApart } from '../../database/transactions/together-or-apart.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import type { EventKey, EventReceipt, ProcessedEvent, UnprocessedEvent } from './gateway-event.ts';
import type { ReceivedEvent } from './gateway-events.sql.ts';
import { processGatewayEvents } from './process-gateway-events.ts';
import { storeGatewayEvents } from './store-gateway-events.ts';

export interface CallbackEvents {
  processed(event: ProcessedEvent): void;
  /** Called for an event that could not be processed. It stays stored and is tried again. */
  failed(event: UnprocessedEvent): void;
  differencesFound(differences: readonly Difference[]): void;
}

export interface CallbackIntake {
  /**
   * Stores an event. Once this resolves, the event is durable and reaches its payment, whatever happens to this process.
   * @throws CommandUnavailable if too many events are waiting, or a database error; then the gateway must send it again.
   */
  store(event: ReceivedEvent): Promise<EventReceipt>;
  /** Resolves when all accepted events are stored and their processing has ended. */
  stop(): Promise<void>;
}

type StoredEvent = { readonly kind: EventReceipt } | { readonly kind: 'failed'; readonly error: unknown };

/** How long to wait for a known event's row, and how long to halve a batch, once one row is known to be locked. */
const LOCK_WAIT_MS = 100;
const SPLIT_MS = 3000;
const MAX_BATCH_SIZE = 200;
const MAX_WAITING = 5000;

/**
 * Receives the gateway's callbacks: stores them together with others that arrive at the same time, answers, and then applies them to their
 * payments right away. Whatever this process does not get to is left to the workers' sweep.
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
          // The first attempt may wait as long as any statement; later ones wait only briefly for locked rows.
          const lockWaitMs = together === batch ? {} : { lockWaitMs: LOCK_WAIT_MS };
          const { results, newDifferences } = await storeGatewayEvents(pool, together, lockWaitMs);
          if (newDifferences.length > 0) events.differencesFound(newDifferences);
          together.forEach((event, index) => {
            stored.set(event, { kind: results[index] as EventReceipt });
          });
        },
        onFailed: (event, error) => stored.set(event, { kind: 'failed', error }),
      });
      return batch.map((event) => stored.get(event) as StoredEvent);
    },
  });
  const processing = createCoalescer<EventKey, undefined>({
    ...limits,
    maxConcurrentBatches: 2,
    async run(keys) {
      const { processed, failed } = await processGatewayEvents(pool, keys);
      for (const event of processed) events.processed(event);
      for (const event of failed) events.failed(event);
      return keys.map(() => undefined);
    },
  });

  function processSoon({ eventId, gateway }: EventKey): void {
    processing.submit({ eventId, gateway }).catch((error: unknown) => {
      // Too many are waiting, so leave it to the sweep.
      if (!(error instanceof CoalescerFull)) events.failed({ eventId, gateway, error });
    });
  }

  return {
    async store(event) {
      try {
        const result = await storing.submit(event);
        if (result.kind === 'failed') throw result.error;
        // Also process a repeated event: while its delivery was counted, its row was locked, so a processor may have skipped it.
        processSoon(event);
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
