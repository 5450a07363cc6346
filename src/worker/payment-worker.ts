import { aroundJitter } from '../background/backoff.ts';
import { type NextRun, type Repeated, repeat } from '../background/repeat.ts';
import { sleep } from '../background/sleep.ts';
import type { Pool } from '../database/database.ts';
import type { CallBudget } from '../gateway/health/call-budget.ts';
import type { BreakerTicket, CircuitBreaker } from '../gateway/health/circuit-breaker.ts';
import { limitCalls } from '../gateway/health/limit-calls.ts';
import type { PaymentGateway } from '../gateway/port/payment-gateway.ts';
import { attemptPayment } from '../payments/attempt/attempt-payment.ts';
import { createPaymentClaimer } from '../payments/attempt/claim-payments.ts';
import {
  type AttemptPolicy,
  type AttemptResult,
  decideAfterAttempt,
  reportOf,
} from '../payments/attempt/decide-after-attempt.ts';
import { withholdSend } from '../payments/attempt/withhold-send.ts';
import type { ClaimedPayment } from '../payments/claimed-payment.ts';
import {
  createSettlementWriter,
  MAX_CONCURRENT_SETTLEMENTS,
} from '../payments/conclude/settlement-writer.ts';
import type { SteadyClock } from '../payments/unknown/steady-clock.ts';
import { releaseTasks } from '../queue/leases.sql.ts';
import { createHeldRuns, type HeldRun } from './held-runs.ts';
import { keepRunLeases } from './keep-run-leases.ts';
import type { WorkerEvents } from './worker-events.ts';

export interface PaymentWorkerOptions {
  readonly pool: Pool;
  readonly gateway: PaymentGateway;
  /** Stops claiming while the gateway is down. */
  readonly breaker: CircuitBreaker;
  /** Where calls per second are limited: calls wait for their turn in it, and claims do not run ahead of it. */
  readonly callBudget: CallBudget | undefined;
  /** Tells how much of what the database's clock says has passed in truth. */
  readonly clock: SteadyClock;
  /** Names this process in leases and attempts. */
  readonly workerId: string;
  readonly policy: AttemptPolicy;
  /** A task that loses its worker more often than this is poison. */
  readonly maxRescues: number;
  /** Calls to the gateway at once. */
  readonly concurrency: number;
  /** The largest claim, and the largest settlement. */
  readonly batchSize: number;
  readonly leaseMs: number;
  readonly pollIntervalMs: number;
  /** While it says so, nothing is claimed or sent; calls in flight are settled, and claims that wait are given back. */
  readonly mustNotSend?: () => boolean;
  readonly events: WorkerEvents;
}

export interface PaymentWorker {
  start(): void;
  /** Looks for work now instead of at the next poll. */
  wake(): void;
  /** Looks for tasks that were rescued, too. */
  wakeForRescued(): void;
  counts(): { readonly waiting: number; readonly calling: number; readonly held: number };
  /**
   * Stops claiming, gives back what was not started without burning an attempt, and lets calls in flight finish and
   * settle for up to `deadlineMs`. What is left then keeps its lease until it expires, and is rescued.
   */
  stop(deadlineMs: number): Promise<void>;
}

/** How often rescued tasks are looked for. They are rare, and waited for a lease already. */
const RESCUED_LOOK_MS = 500;
/** How often it is looked whether the last run has ended. */
const IDLE_LOOK_MS = 20;
/** How soon to ask again when other workers have reserved the calls of the next second. */
const BUDGET_PAUSE_MS = 50;

/**
 * Carries payments to the gateway: claim, call, settle. Each step is a function of its own and commits by itself, so a
 * crash between any two of them leaves a state that the next run understands.
 */
export function createPaymentWorker(options: PaymentWorkerOptions): PaymentWorker {
  const { pool, gateway, breaker, callBudget, events, leaseMs, concurrency, maxRescues } = options;
  const runs = createHeldRuns();
  const claimer = createPaymentClaimer({ pool, worker: options.workerId, leaseMs });
  const settlements = createSettlementWriter({ pool, maxBatchSize: options.batchSize, leaseMs, events });
  /** Calls, claims that wait for one, the settlements under way, and one more that gathers. */
  const maxHeld =
    concurrency +
    Math.min(options.batchSize, concurrency) +
    (MAX_CONCURRENT_SETTLEMENTS + 1) * options.batchSize;
  const mustNotSend = options.mustNotSend ?? (() => false);
  let isStopping = false;
  /** The last claim got all it asked for, so places that become free are worth another claim at once. */
  let mayBeMore = true;
  let nextRescuedLookAtMs = 0;
  let claims: Repeated | undefined;
  let leases: { stop(): Promise<void> } | undefined;

  /** Calls at once that the gateway's health allows now. */
  const callLimit = () => Math.min(concurrency, breaker.allowance());
  /** Claims that wait for a free place keep the gateway busy while the next claim is made. */
  const maxWaiting = () => Math.min(options.batchSize, callLimit());

  /** Looks once for something to do. Without a word of when to look again, that is at the next poll. */
  async function look(): Promise<NextRun> {
    if (!mustNotSend()) return breaker.isClosed() ? await claimWhatFits() : await waitOutOutage();
    await giveBackWaiting();
    return undefined;
  }

  /** Claims once, when there is room for it. */
  async function claimWhatFits(): Promise<NextRun> {
    const freeCount = callLimit() - runs.callingCount() + maxWaiting() - runs.waitingCount();
    // A gateway that answers faster than the database settles must not fill the memory with results.
    const wantedCount = Math.min(freeCount, maxHeld - runs.heldCount());
    if (wantedCount <= 0 || runs.waitingCount() > maxWaiting() / 2) return undefined;
    const limit = Math.min(wantedCount, options.batchSize);
    const grantedCount = callBudget ? await reserve(callBudget, limit) : limit;
    if (grantedCount === 0) return soon(BUDGET_PAUSE_MS);

    const rescuedCount = await claimRescuedIfDue(grantedCount);
    const freshCount =
      rescuedCount < grantedCount ? await claim(() => claimer.claim(grantedCount - rescuedCount)) : 0;
    const unusedCount = grantedCount - rescuedCount - freshCount;
    mayBeMore = unusedCount === 0;
    if (mayBeMore) return 'goes_on';
    await callBudget?.giveBack(unusedCount).catch(events.claimFailed);
    return undefined;
  }

  function soon(ms: number): NextRun {
    return { inMs: Math.min(ms, options.pollIntervalMs) };
  }

  async function reserve(budget: CallBudget, wanted: number): Promise<number> {
    try {
      return await budget.reserve(wanted);
    } catch (error) {
      events.claimFailed(error);
      return 0;
    }
  }

  async function claimRescuedIfDue(limit: number): Promise<number> {
    if (performance.now() < nextRescuedLookAtMs) return 0;
    nextRescuedLookAtMs = performance.now() + Math.min(RESCUED_LOOK_MS, options.pollIntervalMs);
    return await claim(() =>
      claimer.claimRescued({ limit, heldRescueCounts: runs.rescueCounts(), maxRescues, concurrency }),
    );
  }

  async function claim(claimPayments: () => Promise<ClaimedPayment[]>): Promise<number> {
    const startedAt = performance.now();
    try {
      const payments = await claimPayments();
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

  /** Holds nothing that another worker might get through, and sends a probe when one is due. */
  async function waitOutOutage(): Promise<NextRun> {
    await giveBackWaiting();
    if (breaker.isProbeDue()) await probe();
    const probeInMs = breaker.msUntilProbe();
    return probeInMs === null ? undefined : soon(Math.max(probeInMs, 1));
  }

  /**
   * Sends one payment as the probe. It goes to the back of the queue when it fails, with its attempts unburnt, so the
   * next probe is another payment's where there is one.
   */
  async function probe(): Promise<void> {
    const claimedCount =
      (await claim(() => claimer.claim(1))) ||
      (await claim(() =>
        claimer.claimRescued({ limit: 1, heldRescueCounts: runs.rescueCounts(), maxRescues, concurrency }),
      ));
    if (claimedCount === 0) return;
    const ticket = breaker.beginProbe();
    const run = ticket === undefined ? undefined : runs.startNext();
    // The inquiries of this process had a probe to send, too, and were faster.
    if (ticket === undefined || !run) await giveBackWaiting();
    else void carryOut(run, ticket);
  }

  async function giveBackWaiting(): Promise<void> {
    const unstarted = runs.takeWaiting();
    if (unstarted.length === 0) return;
    claimer.lookAtAll();
    await releaseTasks(
      pool,
      unstarted.map((run) => run.payment.task),
    ).catch(events.claimFailed);
  }

  function startCalls(): void {
    while (!isStopping && !mustNotSend() && runs.callingCount() < callLimit()) {
      const run = runs.startNext();
      if (!run) return;
      void carryOut(run, breaker.ticket());
    }
  }

  async function carryOut(run: HeldRun, ticket: BreakerTicket): Promise<void> {
    const { payment } = run;
    // A process that was stopped for a while must not send for a task that may have been given to another.
    const isLeaseOver = () => performance.now() >= run.leaseEndsAtMs;
    if (isLeaseOver()) {
      loseLease(run);
      runs.callEnded(run);
      breaker.record(ticket, undefined);
    } else {
      const maySend = () => !isLeaseOver() && !mustNotSend();
      // Inside the limit, so that a call that waited for its turn looks when the turn has come.
      const careful = withholdSend(gateway, { queryable: pool, payment, maySend });
      const limited = callBudget ? limitCalls(careful, callBudget, maySend) : careful;
      const result = await attemptPayment(limited, payment, {
        signal: run.abort.signal,
        isLeaseOver,
        mustNotSend,
      });
      runs.callEnded(run);
      recordHealth(ticket, result);
      const decision = decideAfterAttempt(payment, result, {
        policy: options.policy,
        random: Math.random(),
        steadyForMs: await readSteadyMs(payment, result),
        gateway: breaker.isClosed() ? 'up' : 'down',
      });
      // Free the place at the gateway before the settlement, which may wait for its batch.
      startCalls();
      await settlements.submit({ payment, report: reportOf(result, decision), decision });
    }
    runs.remove(run);
    if (payment.task.rescueCount > 0) wakeForRescued();
    startCalls();
    const isLoopNeeded = breaker.isClosed()
      ? mayBeMore && runs.waitingCount() <= maxWaiting() / 2
      : runs.waitingCount() > 0;
    if (isLoopNeeded) wake();
  }

  /** For how long the database's clock had gone steadily when the gateway was asked; 0 where no time is counted, or nothing is known. */
  async function readSteadyMs(
    { task: { unknownForMs } }: ClaimedPayment,
    { inquiry, latencyMs }: AttemptResult,
  ): Promise<number> {
    const mayCount =
      inquiry?.kind === 'not_found' &&
      unknownForMs !== null &&
      (unknownForMs >= options.policy.notFoundGraceMs || unknownForMs < 0);
    if (!mayCount) return 0;
    try {
      return (await options.clock.look()).steadyForMs - latencyMs;
    } catch {
      return 0;
    }
  }

  function recordHealth(ticket: BreakerTicket, { inquiry, pay }: AttemptResult): void {
    const wasClosed = breaker.isClosed();
    // The send counts, when there was one: a gateway that answers questions and carries nothing out is down.
    breaker.record(ticket, pay ?? inquiry ?? undefined);
    if (wasClosed === breaker.isClosed()) return;
    mayBeMore = true;
    wake();
  }

  function wake(): void {
    claims?.wake();
  }

  function wakeForRescued(): void {
    nextRescuedLookAtMs = 0;
    wake();
  }

  function loseLease(run: HeldRun): void {
    run.abort.abort();
    events.leaseLost(run.payment.paymentId);
  }

  async function waitUntilIdle(deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (runs.heldCount() > 0 && performance.now() < deadline) await sleep(IDLE_LOOK_MS);
  }

  return {
    start() {
      leases = keepRunLeases({ pool, runs, leaseMs, events, onLost: loseLease });
      claims = repeat({
        run: look,
        firstRun: 'at_once',
        pauseMs: options.pollIntervalMs,
        jitter: aroundJitter,
        onError: events.claimFailed,
      });
    },
    wake,
    wakeForRescued,
    counts: () => ({ waiting: runs.waitingCount(), calling: runs.callingCount(), held: runs.heldCount() }),
    async stop(deadlineMs) {
      isStopping = true;
      await claims?.stop();
      await giveBackWaiting();
      settlements.endWaiting();
      await waitUntilIdle(deadlineMs);
      settlements.giveUp();
      await leases?.stop();
    },
  };
}
