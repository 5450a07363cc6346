import type { PaymentGateway } from '../gateway/payment-gateway.ts';
import { claimPayments } from '../payments/claim-payments.ts';
import { type AttemptPolicy, decideAfterAttempt, reportOf } from '../payments/decide-after-attempt.ts';
import { releaseTasks, renewLeases } from '../queue/hold-tasks.sql.ts';
import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { attemptPayment } from './attempt-payment.ts';
import { createPause } from './pause.ts';
import { createRunBook, type HeldRun } from './run-book.ts';
import { createSettlementWriter, MAX_CONCURRENT_SETTLEMENTS } from './settlement-writer.ts';
import type { WorkerEvents } from './worker-events.ts';

export interface PaymentWorkerOptions {
  readonly pool: Pool;
  readonly gateway: PaymentGateway;
  /** Names this process in leases and attempts. */
  readonly workerId: string;
  readonly policy: AttemptPolicy;
  /** Calls to the gateway at once. */
  readonly concurrency: number;
  /** The largest claim, and the largest settlement. */
  readonly batchSize: number;
  readonly leaseMs: number;
  readonly pollIntervalMs: number;
  readonly events: WorkerEvents;
}

export interface PaymentWorker {
  start(): void;
  /** Looks for work now instead of at the next poll. */
  wake(): void;
  counts(): { readonly waiting: number; readonly calling: number; readonly held: number };
  /**
   * Stops claiming, gives back what was not started without burning an attempt, and lets calls in flight finish and
   * settle for up to `deadlineMs`. What is left then keeps its lease until it expires, and is rescued.
   */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Carries payments to the gateway: claim, call, settle. Each step is a function of its own and commits by itself, so a
 * crash between any two of them leaves a state that the next run understands.
 */
export function createPaymentWorker(options: PaymentWorkerOptions): PaymentWorker {
  const { pool, gateway, events, leaseMs, concurrency } = options;
  const runs = createRunBook();
  const settlements = createSettlementWriter({ pool, maxBatchSize: options.batchSize, events });
  const pause = createPause();
  /** Claims that wait for a free place keep the gateway busy while the next claim is made. */
  const maxWaiting = Math.min(options.batchSize, concurrency);
  /** Calls, claims that wait for one, the settlements under way, and one more that gathers. */
  const maxHeld = concurrency + maxWaiting + (MAX_CONCURRENT_SETTLEMENTS + 1) * options.batchSize;
  let isStopping = false;
  /** The last claim got all it asked for, so places that become free are worth another claim at once. */
  let mayBeMore = true;
  let loop: Promise<void> = Promise.resolve();
  let renewalTimer: NodeJS.Timeout | undefined;

  async function claimLoop(): Promise<void> {
    while (!isStopping) {
      const freeCount = concurrency - runs.callingCount() + maxWaiting - runs.waitingCount();
      // A gateway that answers faster than the database settles must not fill the memory with results.
      const wantedCount = Math.min(freeCount, maxHeld - runs.heldCount());
      const isWorthClaiming = wantedCount > 0 && runs.waitingCount() <= maxWaiting / 2;
      const limit = Math.min(wantedCount, options.batchSize);
      if (isWorthClaiming) {
        mayBeMore = (await claim(limit)) === limit;
        if (mayBeMore) continue;
      }
      // Jitter keeps workers that were started together from polling together.
      await pause.wait(options.pollIntervalMs * (0.75 + Math.random() / 2));
    }
  }

  async function claim(limit: number): Promise<number> {
    const startedAt = performance.now();
    try {
      const payments = await claimPayments(pool, { worker: options.workerId, limit, leaseMs });
      if (payments.length === 0) return 0;
      events.claimed({ count: payments.length, durationMs: performance.now() - startedAt });
      runs.add(payments, startedAt + leaseMs);
      startCalls();
      return payments.length;
    } catch (error) {
      events.claimFailed(error);
      return 0;
    }
  }

  function startCalls(): void {
    while (!isStopping && runs.callingCount() < concurrency) {
      const run = runs.startNext();
      if (!run) return;
      void carryOut(run);
    }
  }

  async function carryOut(run: HeldRun): Promise<void> {
    const { payment } = run;
    // A process that was stopped for a while must not send for a task that may have been given to another.
    const isLeaseOver = () => performance.now() >= run.leaseEndsAtMs;
    if (isLeaseOver()) {
      loseLease(run);
      runs.callEnded(run);
    } else {
      const result = await attemptPayment(gateway, payment, { signal: run.abort.signal, isLeaseOver });
      runs.callEnded(run);
      const decision = decideAfterAttempt(payment.task, result, {
        policy: options.policy,
        random: Math.random(),
      });
      // Free the place at the gateway before the settlement, which may wait for its batch.
      startCalls();
      await settlements.submit({ payment, report: reportOf(result), decision });
    }
    runs.remove(run);
    startCalls();
    if (mayBeMore && runs.waitingCount() <= maxWaiting / 2) pause.end();
  }

  function loseLease(run: HeldRun): void {
    run.abort.abort();
    events.leaseLost(run.payment.paymentId);
  }

  async function renew(): Promise<void> {
    const now = performance.now();
    const due = runs.all().filter((run) => run.leaseEndsAtMs - now < (leaseMs * 2) / 3);
    if (due.length === 0) return;
    try {
      const held = await renewLeases(
        pool,
        due.map((run) => run.payment.task),
        leaseMs,
      );
      failpoint('renew.after_commit');
      for (const run of due) {
        if (held.has(run.payment.paymentId)) run.leaseEndsAtMs = now + leaseMs;
        else if (run.state !== 'settling') {
          loseLease(run);
          if (run.state === 'waiting') runs.remove(run);
        }
      }
    } catch (error) {
      events.renewalFailed(error);
    }
  }

  function scheduleRenewal(): void {
    renewalTimer = setTimeout(async () => {
      await renew();
      if (!isStopping || runs.heldCount() > 0) scheduleRenewal();
    }, leaseMs / 3);
    renewalTimer.unref();
  }

  async function waitUntilIdle(deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (runs.heldCount() > 0 && performance.now() < deadline) await pause.wait(20);
  }

  return {
    start() {
      scheduleRenewal();
      loop = claimLoop();
    },
    wake: () => pause.end(),
    counts: () => ({ waiting: runs.waitingCount(), calling: runs.callingCount(), held: runs.heldCount() }),
    async stop(deadlineMs) {
      isStopping = true;
      pause.end();
      await loop;
      const unstarted = runs.takeWaiting();
      await releaseTasks(
        pool,
        unstarted.map((run) => run.payment.task),
      ).catch(events.claimFailed);
      await waitUntilIdle(deadlineMs);
      settlements.giveUp();
      clearTimeout(renewalTimer);
    },
  };
}
