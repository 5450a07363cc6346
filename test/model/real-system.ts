import type { InquiryOutcome, PaymentGateway, PayOutcome } from '../../src/gateway/port/payment-gateway.ts';
import { expireStoredResponses } from '../../src/idempotency/expire-responses.sql.ts';
import { runIntegrityCheck } from '../../src/integrity/run-integrity-check.ts';
import { expireOrderHolds } from '../../src/order-holds/expire-order-holds.ts';
import { attemptPayment } from '../../src/payments/attempt/attempt-payment.ts';
import { decideAfterAttempt, reportOf } from '../../src/payments/attempt/decide-after-attempt.ts';
import { rescuePayments } from '../../src/payments/attempt/rescue-payments.ts';
import type { ClaimedPayment } from '../../src/payments/claimed-payment.ts';
import { type FinishedRun, settlePayments } from '../../src/payments/conclude/settle-payments.ts';
import { askAboutUnknown } from '../../src/payments/unknown/ask-about-unknown.ts';
import { claimPayments } from '../builders/claim-payments.ts';
import { giveRates, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { STEADY_CLOCK } from '../builders/payment-world.ts';
import { answers } from '../builders/scripted-gateway.ts';
import { startTestApi } from '../support/api-server.ts';
import { checkIntegrity } from '../support/check-integrity.ts';
import { findUntold } from '../support/find-untold.ts';
import { foldEverything } from '../support/fold-everything.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { RATES, SPREAD_PERCENT } from './currencies.ts';
import { DEFAULT_PERCENT } from './fees.ts';
import {
  countMade,
  countOpenAttempts,
  letHoldsRunOut,
  letQuotesRunOut,
  selectClearing,
  selectFaults,
} from './ledger-sums.sql.ts';
import { type AskMode, MAX_ATTEMPTS, MAX_RESCUES, type PayMode } from './payments-oracle.ts';
import { MAX_OPEN_QUOTES } from './requests/quotes.ts';
import { type BookState, type ModelState, type WalletName, walletKey } from './state.ts';

const POLICY = {
  maxAttempts: MAX_ATTEMPTS,
  backoff: { baseMs: 0, maxMs: 0, jitterMs: 0 },
  notFoundGraceMs: 0,
};
/** Longer than any history takes: what runs out, runs out when a command says so. */
const SETTINGS = {
  ...RATES_FROM_TESTS,
  TRANSACTION_FEE: DEFAULT_PERCENT,
  CONVERSION_SPREAD: SPREAD_PERCENT,
  QUOTE_VALID_SECONDS: '3600',
  QUOTE_MAX_OPEN: String(MAX_OPEN_QUOTES),
  // Long enough to hear of a deposit that has ended, and short, because the others do not end meanwhile.
  API_DEPOSIT_WAIT_SECONDS: '0.2',
};
const NO_WALLET = 999_999_999;
const CHECK = { runMs: 30_000, stepRows: 5000, reviewRows: 100_000, graceMs: 0 };
const CLAIM = { worker: 'model', limit: 1000, leaseMs: 60_000 };

export type ModesOf = (paymentId: number) => { readonly pay: PayMode; readonly ask: AskMode };

/**
 * The service as it runs, with a worker that takes its steps when it is told to, and a gateway that does as it is told. Its two APIs differ in
 * what they say to somebody who brings money to a frozen wallet; each history is played at one of them.
 */
export async function startRealSystem(database: TestDatabase) {
  const { pool, knex } = database;
  const apis = {
    accept: await startTestApi(database.databaseUrl, { ...SETTINGS, WALLET_FROZEN_CREDITS: 'accept' }),
    refuse: await startTestApi(database.databaseUrl, { ...SETTINGS, WALLET_FROZEN_CREDITS: 'refuse' }),
  };
  await giveRates(database, RATES);
  const book = new Map<number, BookState>();
  const paymentIdOf = (reference: string) => Number(reference.split('-')[0]);
  /** What the gateway owes us, or is owed, by its own book. */
  const owed = new Map<string, bigint>();
  const walletIds = new Map<string, number>();
  /** What a history that failed has left in the ledger, which would be found in every one after it. */
  const known = new Set<string>();
  let modesOf: ModesOf = () => ({ pay: 'succeed', ask: 'tell' });
  let lostRuns: ClaimedPayment[] = [];

  const gateway: PaymentGateway = {
    async pay({ reference, direction, amountMinor, currency }): Promise<PayOutcome> {
      // No call without a committed row that says that it may have happened.
      expect(await countOpenAttempts(pool, reference)).toBeGreaterThan(0);
      const paymentId = paymentIdOf(reference);
      const { pay } = modesOf(paymentId);
      if (!book.get(paymentId)) {
        if (pay === 'succeed' || pay === 'execute_and_hide') {
          book.set(paymentId, 'executed');
          const owedMinor = direction === 'deposit' ? amountMinor : -amountMinor;
          owed.set(currency, (owed.get(currency) ?? 0n) + owedMinor);
        }
        if (pay === 'refuse') book.set(paymentId, 'refused');
      }
      if (pay === 'execute_and_hide' || pay === 'hide_without_executing') return answers.unknown;
      if (pay === 'not_executed') return answers.notExecuted;
      return book.get(paymentId) === 'executed' ? answers.succeeded : answers.refused;
    },
    async inquire(reference): Promise<InquiryOutcome> {
      const paymentId = paymentIdOf(reference);
      if (modesOf(paymentId).ask === 'hide') return answers.unknown;
      const state = book.get(paymentId);
      if (state === 'executed') return answers.succeeded;
      return state === 'refused' ? answers.refused : { kind: 'not_found' };
    },
    close() {},
  };

  async function attempt(payment: ClaimedPayment): Promise<FinishedRun> {
    const limits = {
      signal: new AbortController().signal,
      isLeaseOver: () => false,
      mustNotSend: () => false,
    };
    const result = await attemptPayment(gateway, payment, limits);
    const decision = decideAfterAttempt(payment, result, {
      policy: POLICY,
      steadyForMs: Number.POSITIVE_INFINITY,
      random: 0,
    });
    return { payment, report: reportOf(result), decision };
  }

  async function settleLate(): Promise<string[]> {
    const runs = lostRuns.map(
      (payment): FinishedRun => ({
        payment,
        report: reportOf({ inquiry: null, pay: answers.succeeded, latencyMs: 1 }),
        decision: { kind: 'succeeded', gatewayReference: 'late' },
      }),
    );
    lostRuns = [];
    return runs.length > 0 ? await settlePayments(pool, runs) : [];
  }

  /** What the service's own check finds, and what sums over the ledger and its events find that know nothing of it, once all outcomes are known. */
  async function findFaults(): Promise<string[]> {
    await foldEverything(pool);
    const { kind, found } = await runIntegrityCheck(pool, CHECK);
    const clearing = await selectClearing(pool);
    return [
      ...(kind === 'done' ? [] : [`the integrity check was ${kind}`]),
      ...found.map(({ rule, subject, detail }) => `${rule}: ${subject}: ${detail}`),
      ...(await selectFaults(pool)),
      ...(await findUntold(pool)),
      ...clearing
        .filter(({ currency, owedMinor }) => owedMinor !== (owed.get(currency) ?? 0n))
        .map(
          ({ currency, owedMinor }) =>
            `I7: the ledger says that the gateway owes ${owedMinor} ${currency}, its book ${owed.get(currency)}`,
        ),
    ];
  }

  const steps = {
    book,
    settleLate,

    /**
     * Claims all that is ready, attempts each, and settles them together. Meanwhile workers that were taken for dead may
     * report after all, and say that everything went through.
     * @returns what became of those late reports.
     */
    async runWorker(modes: ModesOf, { isLateReported = false } = {}): Promise<string[]> {
      modesOf = modes;
      const claimed = await claimPayments(pool, CLAIM);
      const late = isLateReported ? await settleLate() : [];
      const runs = await Promise.all(claimed.map(attempt));
      if (runs.length > 0) await settlePayments(pool, runs);
      return late;
    },

    /** A worker that claims all that is ready, sends it or not, and dies; its leases run out and are taken over. */
    async loseWorker(modes: ModesOf, { sends }: { readonly sends: boolean }): Promise<void> {
      modesOf = modes;
      const claimed = await claimPayments(pool, CLAIM);
      if (sends) await Promise.all(claimed.map(attempt));
      lostRuns = [...lostRuns, ...claimed].slice(-20);
      await pool.query(
        `update payment_tasks set lease_expires_at = now() - interval '1 second' where state = 'running'`,
      );
      await rescuePayments(pool, { maxRescues: MAX_RESCUES });
    },

    async askGateway(modes: ModesOf): Promise<void> {
      modesOf = modes;
      await pool.query('update payment_inquiries set next_ask_at = now()');
      await askAboutUnknown({
        pool,
        gateway,
        clock: STEADY_CLOCK,
        notFoundGraceMs: 0,
        claimMs: 60_000,
        limit: 1000,
      });
    },

    expireKeys: () => expireStoredResponses(pool, { responseTtlMs: 0 }),
    fold: () => foldEverything(pool),
    violations: () => checkIntegrity(knex),

    async letterIdOf(paymentId: number): Promise<number> {
      const { rows } = await pool.query('select max(id)::int as id from payment_dlq where payment_id = $1', [
        paymentId,
      ]);
      return rows[0].id;
    },

    /** The id of a user's wallet, or one that no wallet has. */
    async walletIdOf(wallet: WalletName): Promise<number> {
      const key = walletKey(wallet);
      if (!walletIds.has(key)) {
        const { json } = await apis.accept.get(`/api/v1/users/${wallet.userId}/wallets`);
        for (const { id, name, ...shown } of json.items)
          walletIds.set(walletKey({ ...wallet, currency: shown.currency, name: name ?? undefined }), id);
      }
      return walletIds.get(key) ?? NO_WALLET;
    },

    /** Lets nothing be in the schedule of fees. */
    async endAllFees(): Promise<void> {
      const { json } = await apis.accept.get('/api/v1/currency/fees');
      for (const { id } of json.items)
        if (id !== null)
          await apis.accept.post(`/api/v1/currency/fees/${id}/end`, { reason: 'a new history' });
    },

    letHoldsRunOut: (userId: number) => letHoldsRunOut(pool, userId),
    sweepHolds: () => expireOrderHolds(pool),
    letQuotesRunOut: (userId: number) => letQuotesRunOut(pool, userId),

    countMade: (userIds: readonly number[]) => countMade(pool, userIds),

    /** Faults of this history. */
    faults: async () => (await findFaults()).filter((fault) => !known.has(fault)),

    /** Leaves nothing behind that the next run's worker would take, nor anything that its checks would find. */
    async forgetOpenWork({ hasFailed }: { readonly hasFailed: boolean }): Promise<void> {
      await pool.query('delete from payment_tasks');
      await pool.query('delete from payment_inquiries');
      lostRuns = [];
      if (!hasFailed) return;
      for (const fault of await findFaults()) known.add(fault);
      for (const { currency, owedMinor } of await selectClearing(pool)) owed.set(currency, owedMinor);
    },
  };
  return {
    /** The service as it is asked for one history. */
    at: (frozenCredits: ModelState['frozenCredits']) => ({ ...steps, api: apis[frozenCredits] }),
    async stop(): Promise<void> {
      await Promise.all(Object.values(apis).map((api) => api.stop()));
    },
  };
}

export type RealSystem = ReturnType<Awaited<ReturnType<typeof startRealSystem>>['at']>;
