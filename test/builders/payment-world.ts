import { randomUUID } from 'node:crypto';
import { createCircuitBreaker } from '../../src/gateway/health/circuit-breaker.ts';
import { foldSystemAccounts } from '../../src/ledger/fold-system-accounts.ts';
import { createAcceptor } from '../../src/payments/accept/accept-payments.ts';
import type {
  AcceptanceDecision,
  AcceptanceOutcome,
  PaymentRequest,
} from '../../src/payments/accept/acceptance.ts';
import type { GatewayFor } from '../../src/payments/accept/gateway-for.ts';
import type { Payment } from '../../src/payments/payment.ts';
import { findPayment } from '../../src/payments/read/read-payments.sql.ts';
import type { SteadyClock } from '../../src/payments/unknown/steady-clock.ts';
import { createUserCreator } from '../../src/wallets/create-user.ts';
import { findUser } from '../../src/wallets/read-users.sql.ts';
import type { User } from '../../src/wallets/user.ts';
import {
  createPaymentWorker,
  type PaymentWorker,
  type PaymentWorkerOptions,
} from '../../src/worker/payment-worker.ts';
import type { WorkerEvents } from '../../src/worker/worker-events.ts';
import { checkIntegrity } from '../support/check-integrity.ts';
import type { TestDatabase } from '../support/test-database.ts';

export const WEEK_MS = 7 * 86_400_000;
const NEVER_OPENS = { failureShare: 1, minCalls: 0, windowCalls: 50, probeMs: 1000, probeMaxMs: 30_000 };
/** Takes the times that tests write into the database for true. */
export const STEADY_CLOCK: SteadyClock = {
  look: async () => ({ steadyForMs: Number.POSITIVE_INFINITY, changeCount: 0n }),
};
const feePercent = { numerator: 2n, denominator: 100n };
const renderResponse = (decision: AcceptanceDecision) => ({
  status: decision.kind === 'accepted' ? 202 : 422,
  body: JSON.stringify({
    kind: decision.kind,
    payment_id: 'paymentId' in decision ? Number(decision.paymentId) : null,
  }),
});

/** A small payments system on a real database: users, payments and workers as a test wants them. */
export function createPaymentWorld(
  { pool, knex }: TestDatabase,
  /** Where new payments go; by default to the gateway without a name. */
  gatewayFor: GatewayFor = () => null,
) {
  const limits = { pool, responseTtlMs: WEEK_MS, maxBatchSize: 200, maxWaiting: 10_000 };
  const acceptor = createAcceptor({
    ...limits,
    feePercent,
    doRefundsReturnFee: true,
    frozenCredits: 'accept',
    gatewayFor,
    renderResponse,
  });
  const userCreator = createUserCreator(limits);

  return {
    acceptor,

    async user(balanceMinor = 100_000n, currency = 'USD'): Promise<bigint> {
      const outcome = await userCreator.execute({
        opening: { amountMinor: balanceMinor, currency },
        name: null,
        renderResponse: () => ({ status: 201, body: '{}' }),
        idempotency: null,
      });
      if (outcome.kind !== 'decided') throw new Error(outcome.kind);
      return outcome.result.userId;
    },

    /** Accepts a payment and gives its id. */
    async accept(userId: bigint, changes: Partial<PaymentRequest> = {}): Promise<bigint> {
      const outcome = await this.tryToAccept(userId, changes);
      if (outcome.kind === 'replayed') return outcome.resource.id;
      if (outcome.kind === 'decided' && outcome.result.kind === 'answered') return outcome.result.resource.id;
      throw new Error(outcome.kind === 'decided' ? outcome.result.kind : outcome.kind);
    },

    tryToAccept(userId: bigint, changes: Partial<PaymentRequest> = {}): Promise<AcceptanceOutcome> {
      return acceptor.execute({
        userId,
        type: 'withdraw',
        amountMinor: 5000n,
        currency: 'USD',
        path: '/api/v1/payments',
        idempotency: null,
        ...changes,
      });
    },

    async payment(paymentId: bigint): Promise<Payment> {
      return (await findPayment(knex, paymentId)) as Payment;
    },

    /** How often workers have claimed an open payment. */
    async claimCount(paymentId: bigint): Promise<number> {
      const { rows } = await pool.query(
        'select count(*)::int as count from payment_attempts where payment_id = $1',
        [paymentId],
      );
      return rows[0].count;
    },

    async wallet(userId: bigint): Promise<User> {
      return (await findUser(knex, userId)) as User;
    },

    /** A worker with short pauses; the test starts and stops it. */
    worker(
      gateway: PaymentWorkerOptions['gateway'],
      changes: Partial<PaymentWorkerOptions> = {},
    ): PaymentWorker {
      return createPaymentWorker({
        pool,
        gateway,
        breaker: createCircuitBreaker({ policy: NEVER_OPENS }),
        callBudget: undefined,
        clock: STEADY_CLOCK,
        workerId: `test-${randomUUID()}`,
        policy: { maxAttempts: 3, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 10_000 },
        maxRescues: 5,
        concurrency: 16,
        batchSize: 50,
        leaseMs: 30_000,
        pollIntervalMs: 10,
        events: createSilentEvents(),
        ...changes,
      });
    },

    /** What the ledger's own checks find, after a fold. */
    async violations() {
      await foldSystemAccounts(pool);
      return await checkIntegrity(knex);
    },

    async count(table: string): Promise<number> {
      const { rows } = await pool.query(`select count(*)::int as count from ${table}`);
      return rows[0].count;
    },
  };
}

export type PaymentWorld = ReturnType<typeof createPaymentWorld>;

/** Events that go nowhere, but for those that a test listens to. */
export function createSilentEvents(listened: Partial<WorkerEvents> = {}): WorkerEvents {
  return {
    claimed() {},
    settled() {},
    batchSettled() {},
    settlementFailed() {},
    deferred() {},
    claimFailed() {},
    leaseLost() {},
    renewalFailed() {},
    rescued() {},
    poisoned() {},
    asked() {},
    needReview() {},
    differencesFound() {},
    lateResultsUnwritten() {},
    clockUnsteady() {},
    historyCut() {},
    ...listened,
  };
}
