import { fetchRates } from '../conversions/rates/fetch-rates.ts';
import type { RateProvider } from '../conversions/rates/rate-provider.ts';
import type { Knex, Pool, Queryable } from '../database/database.ts';
import { runBulkRedriveSlices } from '../dead-letters/run-bulk-redrive.ts';
import { keepEventDays } from '../events/event-days.sql.ts';
import type { GatewayBook } from '../gateway/port/gateway-book.ts';
import type { PaymentGateway } from '../gateway/port/payment-gateway.ts';
import { expireStoredResponses } from '../idempotency/expire-responses.sql.ts';
import { type IntegrityCheckOptions, runIntegrityCheck } from '../integrity/run-integrity-check.ts';
import { summarizeFound } from '../integrity/summarize-found.ts';
import { foldSystemAccounts } from '../ledger/fold-system-accounts.ts';
import type { Fraction } from '../money/fraction.ts';
import { expireOrderHolds } from '../order-holds/expire-order-holds.ts';
import { createHoldsSetAside } from '../order-holds/holds-set-aside.ts';
import { rescuePayments } from '../payments/attempt/rescue-payments.ts';
import type { CallbackEvents } from '../payments/callbacks/create-callback-intake.ts';
import { sweepGatewayEvents } from '../payments/callbacks/sweep-gateway-events.ts';
import { markForReview } from '../payments/unknown/ask-about-unknown.sql.ts';
import { askAboutUnknown } from '../payments/unknown/ask-about-unknown.ts';
import type { SteadyClock } from '../payments/unknown/steady-clock.ts';
import { runReconciliation } from '../reconciliation/run-reconciliation.ts';
import { prune } from '../retention/prune.ts';
import type { Retention } from '../retention/retained.ts';
import type { Logger } from '../telemetry/logging.ts';
import { bringForward } from './bring-forward.ts';
import type { WorkerEvents } from './worker-events.ts';

/** A gateway that is asked what became of its payments, and whose book is compared. */
export interface AskedGateway {
  readonly name: string;
  readonly gatewayName: string | null;
  readonly inquiryGateway: PaymentGateway;
  /** How many inquiries one sweep may make now. */
  readonly inquiryLimit: () => number;
  readonly notFoundGraceMs: number;
  readonly timeoutMs: number;
  /** The longest pause between two attempts, in milliseconds. */
  readonly longestPauseMs: number;
  readonly book: GatewayBook;
}

export interface MaintenanceOptions {
  readonly pool: Pool;
  readonly knex: Knex;
  readonly gateways: readonly AskedGateway[];
  readonly clock: SteadyClock;
  readonly leaseMs: number;
  readonly watchHistory: (queryable: Queryable) => Promise<void>;
  readonly maxRescues: number;
  /** How long a payment may be unknown before a person must find out. */
  readonly reviewHorizonMs: number;
  readonly responseTtlMs: number;
  readonly retention: Retention;
  /** Fires with a number of holds that have expired. */
  readonly onHoldsExpired: (count: number) => void;
  /** Fires for each hold that could not expire. */
  readonly onHoldExpiryFailed: () => void;
  readonly onPruned: (table: string, rowCount: number) => void;
  readonly integrity: IntegrityCheckOptions;
  /** Where exchange rates come from; null when nothing is converted. */
  readonly rateProvider: RateProvider | null;
  readonly ratesTimeoutMs: number;
  readonly ratesMaxJump: Fraction;
  readonly reconciliationGraceMs: number;
  readonly log: Logger;
  readonly events: WorkerEvents;
  readonly callbacks: CallbackEvents;
  /** While this returns true, no dead letter is redriven and no hold expires. */
  readonly mustNotMoveMoney: () => boolean;
  /** Fires when tasks have become ready. */
  readonly onTasksReady: () => void;
  /** Fires when the integrity check has ended. */
  readonly onIntegrityChecked: () => Promise<unknown>;
}

/** The other scheduled jobs wait for it; it runs every ten minutes. */
const PRUNE_MS = 30_000;
const REVIEWS_PER_SWEEP = 500;
/** Each uses a connection while it redrives a letter. */
const BULK_REDRIVES_AT_ONCE = 4;
const CALLBACKS_PER_SWEEP = 200;
/** Longer than processing a sweep's callbacks takes. If a worker dies with them, they are delayed by this much. */
const CALLBACK_CLAIM_MS = 60_000;

/** The work beside the queue. Each job may run in any number of workers at any time. */
export function createMaintenance(options: MaintenanceOptions) {
  const { pool, log, events } = options;
  const holdsSetAside = createHoldsSetAside();

  async function reconcileWith(gateway: string, book: GatewayBook): Promise<void> {
    const { reportId, status, counts } = await runReconciliation({
      ...{ pool, knex: options.knex, book, gateway },
      startedBy: 'schedule',
      graceMs: options.reconciliationGraceMs,
      onDifferences: options.callbacks.differencesFound,
      onCleanUpFailed: (error) => log.error({ event: 'reconciliation.clean_up_failed', error }),
    });
    const { matched, inTransit: in_transit, differences } = counts;
    log[status === 'clean' ? 'info' : 'error']({
      event: 'reconciliation.reported',
      report_id: reportId.toString(),
      gateway,
      status,
      matched,
      in_transit,
      differences,
    });
  }

  return {
    async rescue(): Promise<void> {
      const { rescuedPaymentIds, poisonedPaymentIds } = await rescuePayments(pool, {
        maxRescues: options.maxRescues,
        onFailed: (paymentId, error) =>
          log.error({ event: 'payment.rescue_failed', payment_id: paymentId.toString(), error }),
      });
      if (rescuedPaymentIds.length > 0) {
        events.rescued(rescuedPaymentIds);
        options.onTasksReady();
      }
      if (poisonedPaymentIds.length > 0) events.poisoned(poisonedPaymentIds);
    },

    /** Asks all gateways at once: one that is slow must not keep the others from being asked. */
    async askAboutUnknown(): Promise<void> {
      await allOf(options.gateways, async ({ gatewayName, inquiryGateway, inquiryLimit, ...gateway }) => {
        const limit = inquiryLimit();
        if (limit === 0) return;
        const asked = await askAboutUnknown({
          ...{ pool, clock: options.clock, limit, gatewayName },
          gateway: inquiryGateway,
          notFoundGraceMs: gateway.notFoundGraceMs,
          // Long enough for the inquiry and the settlement that may follow.
          claimMs: gateway.timeoutMs + 30_000,
        });
        for (const answer of asked) {
          events.asked(answer);
          if (answer.newDifferences.length > 0) events.differencesFound(answer.newDifferences);
        }
      });
    },

    /** Keeps the watch on the database's clock and history unbroken, because later inquiries rely on it. */
    async watchClock(): Promise<void> {
      await options.watchHistory(pool);
      await options.clock.look();
      const count = await bringForward(pool, options.gateways, options);
      if (count > 0) log.warn({ event: 'queue.brought_forward', count });
    },

    async markForReview(): Promise<void> {
      const paymentIds = await markForReview(pool, {
        horizonMs: options.reviewHorizonMs,
        limit: REVIEWS_PER_SWEEP,
      });
      if (paymentIds.length > 0) events.needReview(paymentIds);
    },

    async processCallbacks(): Promise<void> {
      let takenCount: number;
      do {
        const swept = await sweepGatewayEvents(pool, {
          limit: CALLBACKS_PER_SWEEP,
          claimMs: CALLBACK_CLAIM_MS,
        });
        for (const event of swept.processed) options.callbacks.processed(event);
        for (const event of swept.failed) options.callbacks.failed(event);
        takenCount = swept.takenCount;
      } while (takenCount === CALLBACKS_PER_SWEEP);
    },

    async redriveInBulk(): Promise<'goes_on' | undefined> {
      if (options.mustNotMoveMoney()) return undefined;
      const slices = await runBulkRedriveSlices(pool, {
        mostAtOnce: BULK_REDRIVES_AT_ONCE,
        onLetterFailed: (letterId, error) =>
          log.error({ event: 'bulk_redrive.letter_failed', dead_letter_id: letterId.toString(), error }),
      });
      for (const { redrive, counts, isLast } of slices) {
        const bulk_redrive_id = redrive.id.toString();
        log.info({ event: 'bulk_redrive.slice', bulk_redrive_id, by: redrive.requestedBy, ...counts });
        if (isLast) log.info({ event: 'bulk_redrive.done', bulk_redrive_id, by: redrive.requestedBy });
      }
      if (slices.some(({ counts }) => counts.redriven > 0)) options.onTasksReady();
      // A slice takes a second; a pause before the next one would be a gap in its rate.
      return slices.length > 0 ? 'goes_on' : undefined;
    },

    async expireOrderHolds(): Promise<void> {
      // What goes back to available can be spent at once.
      if (options.mustNotMoveMoney()) return;
      const count = await expireOrderHolds(pool, {
        onExpired: options.onHoldsExpired,
        onFailed({ holdId, userId }, error) {
          options.onHoldExpiryFailed();
          log.error({
            event: 'order_hold.expiry_failed',
            hold_id: holdId.toString(),
            user_id: userId.toString(),
            error,
          });
        },
        setAside: holdsSetAside,
      });
      if (count > 0) log.info({ event: 'order_holds.expired', count });
    },

    async foldSystemAccounts(): Promise<void> {
      const { accountCount } = await foldSystemAccounts(pool);
      log.debug({ event: 'ledger.folded', account_count: accountCount });
    },

    async fetchRates(): Promise<void> {
      const { rateProvider: provider } = options;
      if (!provider) return;
      const { source } = provider;
      const { base, asOf, rates, refused } = await fetchRates(pool, {
        provider,
        timeoutMs: options.ratesTimeoutMs,
        maxJump: options.ratesMaxJump,
        onTryFailed: (error) => log.warn({ event: 'rates.try_failed', source, error }),
      });
      log.info({ event: 'rates.fetched', source, base, as_of: asOf.toISOString(), count: rates.length });
      const first = rates.filter(({ fate }) => fate === 'first').map(({ quote }) => quote);
      if (first.length > 0) log.warn({ event: 'rates.first', source, base, currencies: first });
      const held = rates.filter(({ fate }) => fate === 'held').map(({ quote }) => quote);
      if (held.length > 0) log.warn({ event: 'rates.held', source, base, currencies: held });
      for (const { quote, why } of refused)
        log.warn({ event: 'rates.refused', source, base, currency: quote, why });
    },

    async expireStoredResponses(): Promise<void> {
      const expiredCount = await expireStoredResponses(pool, options);
      if (expiredCount > 0) log.info({ event: 'idempotency.responses_expired', count: expiredCount });
    },

    /** Makes the tables of the days to come, so that no event is written where no day is dropped. */
    async keepEventDays(): Promise<void> {
      const count = await keepEventDays(pool);
      if (count > 0) log.info({ event: 'events.days_made', count });
    },

    async prune(): Promise<void> {
      let failure: unknown;
      await prune(pool, {
        retention: options.retention,
        runMs: PRUNE_MS,
        onPruned(table, count) {
          options.onPruned(table, count);
          log.debug({ event: 'retention.pruned', table, count });
        },
        onUnsteadyClock: (steadySince) =>
          log.warn({ event: 'retention.clock_unsteady', steady_since: steadySince.toISOString() }),
        onError(table, error) {
          failure ??= error;
          log.error({ event: 'retention.prune_failed', table, error });
        },
      });
      // The other parts have run; the job as a whole has failed.
      if (failure) throw failure;
    },

    /** Compares the books one after another; one that cannot be read does not keep the others from it. */
    async reconcile(): Promise<void> {
      let failure: unknown;
      for (const { name, book } of options.gateways) {
        try {
          await reconcileWith(name, book);
        } catch (error) {
          failure ??= error;
          if (options.gateways.length > 1)
            log.error({ event: 'reconciliation.failed', gateway: name, error });
        }
      }
      // The other books were compared; the job as a whole has failed.
      if (failure) throw failure;
    },

    async checkIntegrity(): Promise<void> {
      const { kind, found, endedIds, rowCount, durationMs } = await runIntegrityCheck(
        pool,
        options.integrity,
      );
      log[kind === 'done' ? 'info' : 'warn']({
        event: 'integrity.checked',
        result: kind,
        row_count: rowCount,
        duration_ms: Math.round(durationMs),
      });
      for (const line of summarizeFound(found)) log.error({ event: 'integrity.violated', ...line });
      if (endedIds.length > 0)
        log.warn({ event: 'integrity.whole_again', violation_ids: endedIds.map(String) });
      await options.onIntegrityChecked();
    },
  };
}

/** Does something with all gateways at once. @throws what the first of them threw, when all have ended. */
async function allOf(
  gateways: readonly AskedGateway[],
  act: (gateway: AskedGateway) => Promise<void>,
): Promise<void> {
  const ended = await Promise.allSettled(gateways.map(act));
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}

export type Maintenance = ReturnType<typeof createMaintenance>;
