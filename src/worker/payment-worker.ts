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
import { keepRunLeases } from './keep-run-leases.ts';
import { createLeasedRuns, type LeasedRun } from './leased-runs.ts';
import type { WorkerEvents } from './worker-events.ts';

export interface PaymentWorkerOptions {
  readonly pool: Pool;
  readonly gateway: PaymentGateway;
  /** Its name: only payments that go to it are claimed. null or left out: the gateway without a name. */
  readonly gatewayName?: string | null;
  /** Stops claiming while the gateway is down. */
  readonly breaker: CircuitBreaker;
  /** The limit on calls per second, if one is set: calls wait for their turn, and claims do not get ahead of it. */
  readonly callBudget: CallBudget | undefined;
  /** Says how much of the time on the database's clock has certainly passed. */
  readonly clock: SteadyClock;
  /** Names this process in leases and attempts. */
  readonly workerId: string;
  readonly policy: AttemptPolicy;
  /** A task that loses its worker more often than this becomes poison. */
  readonly maxRescues: number;
  /** The most calls to the gateway at once. */
  readonly concurrency: number;
  /** The largest claim, and the largest settlement. */
  readonly batchSize: number;
  readonly leaseMs: number;
  readonly pollIntervalMs: number;
  /** While this returns true, nothing is claimed or sent; calls in progress are settled, and waiting claims are given back. */
  readonly mustNotSend?: () => boolean;
  readonly events: WorkerEvents;
}

export interface PaymentWorker {
  start(): void;
  /** Looks for work now instead of at the next poll. */
  wake(): void;
  /** Also looks for rescued tasks. */
  wakeForRescued(): void;
  counts(): { readonly waiting: number; readonly calling: number; readonly held: number };
  /**
   * Stops claiming, gives back what was not started without using up an attempt, and lets calls in progress finish and settle for up to
   * `deadlineMs`. Whatever is left then keeps its lease until it expires, and is rescued.
   */
  stop(deadlineMs: number): Promise<void>;
}

/** How often to look for rescued tasks. They are rare, and have already waited for a lease to expire. */
const RESCUED_LOOK_MS = 500;
/** How often to check whether the last run has ended. */
const IDLE_LOOK_MS = 20;
/** How soon to try again if other workers have reserved the calls of the next second. */
const BUDGET_PAUSE_MS = 50;

/**
 * Carries payments to the gateway: claim, call, settle. Each step is a separate function and commits separately, so a crash between any two
 * leaves a state that the next run understands.
 */
export function createPaymentWorker(options: PaymentWorkerOptions): PaymentWorker {
  const { pool, gateway, breaker, callBudget, events, leaseMs, concurrency, maxRescues } = options;
  const runs = createLeasedRuns();
  const claimer = createPaymentClaimer({ ...options, worker: options.workerId });
  const settlements = createSettlementWriter({ pool, maxBatchSize: options.batchSize, leaseMs, events });
  /** Calls, claims that wait for a call, the settlements in progress, and the one that is being gathered. */
  const maxRuns =
    concurrency +
    Math.min(options.batchSize, concurrency) +
    (MAX_CONCURRENT_SETTLEMENTS + 1) * options.batchSize;
  const mustNotSend = options.mustNotSend ?? (() => false);
  let isStopping = false;
  /** The last claim got all that it asked for, so as soon as slots become free it is worth claiming again. */
  let mayBeMore = true;
  let nextRescuedLookAtMs = 0;
  let claims: Repeated | undefined;
  let leases: { stop(): Promise<void> } | undefined;

  /** The calls at once that the gateway's health allows now. */
  const callLimit = () => Math.min(concurrency, breaker.allowance());
  /** Claims that wait for a free slot keep the gateway busy during the next claim. */
  const maxWaiting = () => Math.min(options.batchSize, callLimit());

  /** Looks once for something to do. Unless it returns when to look again, the next look is at the next poll. */
  async function look(): Promise<NextRun> {
    if (!mustNotSend()) return breaker.isClosed() ? await claimWhatFits() : await waitOutOutage();
    await giveBackWaiting();
    return undefined;
  }

  /** Claims once, if there is room. */
  async function claimWhatFits(): Promise<NextRun> {
    const freeCount = callLimit() - runs.callingCount() + maxWaiting() - runs.waitingCount();
    // If the gateway answers faster than the database settles, results must not fill the memory.
    const wantedCount = Math.min(freeCount, maxRuns - runs.count());
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

  /** Gives back claims that another worker might get through, and sends a probe when one is due. */
  async function waitOutOutage(): Promise<NextRun> {
    await giveBackWaiting();
    if (breaker.isProbeDue()) await probe();
    const probeInMs = breaker.msUntilProbe();
    return probeInMs === null ? undefined : soon(Math.max(probeInMs, 1));
  }

  /**
   * Sends one payment as the probe. If it fails, the payment goes to the back of the queue without using up an attempt, so that the next
   * probe uses another payment if there is one.
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
    // This process's inquiries also had a probe to send, and were faster.
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

  async function carryOut(run: LeasedRun, ticket: BreakerTicket): Promise<void> {
    const { payment } = run;
    // A process that was suspended must not send for a task that another worker may have taken over.
    const isLeaseOver = () => performance.now() >= run.leaseEndsAtMs;
    if (isLeaseOver()) {
      loseLease(run);
      runs.callEnded(run);
      breaker.record(ticket, undefined);
    } else {
      const maySend = () => !isLeaseOver() && !mustNotSend();
      // Check inside the limit, so that a call that waited for its turn checks when the turn comes.
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
      // Free the slot at the gateway before the settlement, which may wait for its batch.
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

  /** For how long the database's clock had run steadily when the gateway was asked; 0 if time does not matter here or is not known. */
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
    // The send counts, if there was one: a gateway that answers inquiries but carries nothing out is down.
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

  function loseLease(run: LeasedRun): void {
    run.abort.abort();
    events.leaseLost(run.payment.paymentId);
  }

  async function waitUntilIdle(deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (runs.count() > 0 && performance.now() < deadline) await sleep(IDLE_LOOK_MS);
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
    counts: () => ({ waiting: runs.waitingCount(), calling: runs.callingCount(), held: runs.count() }),
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
