import { placeHolds } from '../holds/place-holds.ts';
import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import type { Pool, Transaction } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import type { Percent } from '../shared/percent.ts';
import { commitAlmostNothing } from '../shared/transaction.sql.ts';
import { inTransaction, sentTogether } from '../shared/transaction.ts';
import type { AcceptanceOutcome, PaymentRequest, RenderResponse } from './acceptance.ts';
import { decideAcceptance, type PaymentToWrite, type RequestFacts } from './decide-acceptance.ts';
import { holdOf } from './payment-postings.ts';
import { createPaymentReference } from './payment-reference.ts';
import { readRequestFacts } from './read-request-facts.sql.ts';
import { insertAcceptances, isPaymentWritten, lockWalletsOfUsers } from './write-acceptances.sql.ts';

/** What a batch does about locks that others hold. */
export interface LockPatience {
  /** Waits for wallets, or leaves the requests for those that are locked out, as `wallet_locked`. */
  readonly lockedWallets: 'wait' | 'set_aside';
  /** How long each statement may wait for a lock; without it, as long as the connection's setting says. */
  readonly lockWaitMs: number;
}

/** `wallet_locked`: nothing was written for this request, because somebody else has its wallet. */
export type BatchOutcome = AcceptanceOutcome | { readonly kind: 'wallet_locked' };

export interface AcceptBatchOptions {
  readonly pool: Pool;
  readonly feePercent: Percent;
  readonly responseTtlMs: number;
  readonly renderResponse: RenderResponse;
}

/** Another process used one of the batch's keys first. Everything is rolled back and decided again. */
class KeyRace extends Error {
  override readonly name = 'KeyRace';
}

/** A key of the batch is held by a transaction that does not end. Everything is rolled back. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}

/** A batch can lose the race for a key once for each of its keys; in practice once. */
const MAX_TRIES = 20;

/**
 * Accepts a batch of requests in one transaction: payments, tasks, holds, keys and stored answers commit together.
 * Locks are taken in the order of lock-order.ts: wallets by id, then keys in sorted order.
 * A crash before COMMIT leaves nothing; a crash after it leaves payments that the worker will carry out, and a client that
 * asks again with its key gets the stored answer.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown when that cannot be said.
 */
export async function acceptBatch(
  requests: readonly PaymentRequest[],
  options: AcceptBatchOptions,
  patience: LockPatience,
): Promise<readonly BatchOutcome[]> {
  for (let tries = 1; ; tries += 1) {
    failpoint('accept.before_read');
    try {
      const { outcomes } = await inTransaction(
        options.pool,
        {
          read: (transaction) => readAndLock(transaction, requests, { ...options, ...patience }),
          write: async (transaction, { facts, availableMinor }) => {
            failpoint('accept.after_read');
            const isLocked = ({ type }: PaymentRequest, index: number) =>
              type === 'withdraw' && isWalletMissing(facts[index], availableMinor);
            const isTried = (_: unknown, index: number) =>
              !isLocked(requests[index] as PaymentRequest, index);
            const { outcomes, payments } = decideAcceptance(requests.filter(isTried), facts.filter(isTried), {
              ...options,
              availableMinor,
            });
            const [written] = await writeAcceptances(transaction, payments);
            // An answer that is given again promises what it promised the first time, and may never have reached the standby.
            if (!written && outcomes.some(isReplay)) await commitAlmostNothing(transaction);
            failpoint('accept.before_commit');
            const decided = outcomes.values();
            return {
              outcomes: requests.map(
                (request, index): BatchOutcome =>
                  isLocked(request, index)
                    ? { kind: 'wallet_locked' }
                    : (decided.next().value as AcceptanceOutcome),
              ),
              written,
            };
          },
        },
        // The batch is written as a whole or not at all. One that wrote nothing is decided again: what it read, stored answers
        // above all, was read on a server that may be gone, and need not be on the one that is asked now.
        {
          lockWaitMs: patience.lockWaitMs,
          isWritten: async (queryable, { written }) =>
            written !== undefined && (await isPaymentWritten(queryable, written)),
        },
      );
      failpoint('accept.after_commit');
      return outcomes;
    } catch (error) {
      if (!(error instanceof KeyRace) || tries >= MAX_TRIES) throw error;
    }
  }
}

/** The wallet is there, a new payment would need it, and it is not among those that were locked. */
function isWalletMissing(
  facts: RequestFacts | undefined,
  availableMinor: ReadonlyMap<bigint, bigint>,
): boolean {
  return !!facts && facts.walletId !== null && facts.usedKey === null && !availableMinor.has(facts.walletId);
}

function isReplay(outcome: AcceptanceOutcome): boolean {
  return outcome.kind === 'answered' && outcome.isReplay;
}

async function readAndLock(
  transaction: Transaction,
  requests: readonly PaymentRequest[],
  options: AcceptBatchOptions & LockPatience,
): Promise<{
  readonly facts: readonly RequestFacts[];
  readonly availableMinor: ReadonlyMap<bigint, bigint>;
}> {
  const withdrawals = requests.filter(({ type }) => type === 'withdraw');
  const [facts, availableMinor] = await sentTogether([
    readRequestFacts(transaction, requests, options),
    lockWalletsOfUsers(transaction, withdrawals, options),
  ]);
  return { facts, availableMinor };
}

/** Names a payment beyond doubt: ids that were drawn before a crash of the server may be drawn again after it. */
export interface WrittenPayment {
  readonly paymentId: bigint;
  readonly reference: string;
}

/**
 * Writes decided payments with their keys, tasks and holds, and gives the reference of each.
 * @throws KeyRace when a key was used meanwhile; KeyInUse when another transaction holds one for long.
 */
export async function writeAcceptances(
  transaction: Transaction,
  payments: readonly (PaymentToWrite & { readonly redriveOf?: bigint; readonly reference?: string })[],
): Promise<readonly WrittenPayment[]> {
  if (payments.length === 0) return [];
  const written = payments.map((payment) => ({
    ...payment,
    reference: payment.reference ?? createPaymentReference(payment.paymentId),
  }));
  const holds = payments
    .filter(({ status }) => status === 'new')
    .flatMap(({ request, ...payment }) => holdOf({ ...payment, ...request }) ?? []);
  const [newKeyCount] = await sentTogether([
    insertAcceptances(transaction, written).catch((error: unknown) => {
      // Payments, tasks and keys are new rows; the only one that somebody else can hold is a key.
      const mayBeKey = payments.some(({ request }) => request.idempotency);
      const isLocked = classifyDatabaseError(error).kind === 'lock_timeout';
      throw mayBeKey && isLocked ? new KeyInUse('', { cause: error }) : error;
    }),
    placeHolds(transaction, holds),
  ]);
  if (newKeyCount < payments.filter((payment) => payment.request.idempotency).length) throw new KeyRace();
  return written;
}
