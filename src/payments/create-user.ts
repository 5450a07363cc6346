import { postToLedger } from '../ledger/post-to-ledger.ts';
import { findSystemAccounts, type SystemAccounts } from '../ledger/system-accounts.ts';
import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import { currencyScale } from '../shared/currency.ts';
import type { Pool, Transaction } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { commitAlmostNothing } from '../shared/transaction.sql.ts';
import { inTransaction } from '../shared/transaction.ts';
import type { IdempotencyClaim, StoredResponse } from './acceptance.ts';
import { insertUser, insertUserKey, insertWallet, isUserWritten, readUserKey } from './create-user.sql.ts';
import { decideReplay } from './decide-acceptance.ts';
import { openingPosting } from './payment-postings.ts';
import type { User } from './user.ts';

export interface CreateUserRequest {
  readonly openingBalanceMinor: bigint;
  readonly currency: string;
  readonly responseTtlMs: number;
  readonly idempotency: IdempotencyClaim | null;
  readonly renderResponse: (user: User) => StoredResponse;
}

export type CreateUserOutcome =
  | {
      readonly kind: 'answered';
      readonly response: StoredResponse;
      readonly userId: bigint;
      readonly isReplay: boolean;
    }
  | { readonly kind: 'key_reused'; readonly resourceId: bigint }
  | { readonly kind: 'key_expired'; readonly resourceId: bigint }
  | { readonly kind: 'key_in_use' };

/** The key was used while we were about to use it. */
class KeyRace extends Error {
  override readonly name = 'KeyRace';
}

/**
 * Creates a user, their wallet and the opening balance, which comes from equity, in one transaction.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown when that cannot be said.
 */
export async function createUser(pool: Pool, request: CreateUserRequest): Promise<CreateUserOutcome> {
  const accounts = await findSystemAccounts(pool, request.currency);
  const replayed = await findReplay(pool, request);
  if (replayed) return replayed;
  try {
    const created = await inTransaction(pool, (transaction) => writeUser(transaction, request, accounts), {
      isWritten: isUserWritten,
    });
    failpoint('user.after_commit');
    return { kind: 'answered', response: created.response, userId: created.userId, isReplay: false };
  } catch (error) {
    if (request.idempotency && classifyDatabaseError(error).kind === 'lock_timeout')
      return { kind: 'key_in_use' };
    const winner = error instanceof KeyRace && (await findReplay(pool, request));
    if (winner) return winner;
    throw error;
  }
}

async function writeUser(
  transaction: Transaction,
  request: CreateUserRequest,
  accounts: SystemAccounts,
): Promise<{ readonly userId: bigint; readonly createdAt: Date; readonly response: StoredResponse }> {
  const { userId, createdAt } = await insertUser(transaction);
  const { currency } = request;
  const walletId = await insertWallet(transaction, { userId, currency, scale: currencyScale(currency) });
  if (request.openingBalanceMinor > 0n) {
    const opening = { userId, walletId, balanceMinor: request.openingBalanceMinor };
    await postToLedger(transaction, [openingPosting(opening, accounts)]);
  }
  const response = request.renderResponse({
    userId,
    currency,
    postedMinor: request.openingBalanceMinor,
    pendingOutMinor: 0n,
    pendingInMinor: 0n,
    createdAt,
  });
  await useKey(transaction, { request, userId, response });
  failpoint('user.before_commit');
  return { userId, createdAt, response };
}

async function findReplay(
  pool: Pool,
  { idempotency, responseTtlMs }: CreateUserRequest,
): Promise<CreateUserOutcome | undefined> {
  if (!idempotency) return undefined;
  const find = async (transaction: Transaction): Promise<CreateUserOutcome | undefined> => {
    const used = await readUserKey(transaction, idempotency.key, responseTtlMs);
    if (!used) return undefined;
    const outcome = decideReplay(used, idempotency.fingerprint);
    if (outcome.kind !== 'answered') return outcome;
    // What is there may never have reached the standby; the answer is a promise all the same.
    await commitAlmostNothing(transaction);
    return { ...outcome, userId: used.resourceId };
  };
  // Read and committed on one server. Where the COMMIT is lost, that server may be gone, and what was read with it.
  return await inTransaction(pool, find, { isWritten: async () => false });
}

async function useKey(
  transaction: Transaction,
  { request, userId, response }: { request: CreateUserRequest; userId: bigint; response: StoredResponse },
): Promise<void> {
  if (!request.idempotency) return;
  const isNew = await insertUserKey(transaction, { ...request.idempotency, userId, response });
  if (!isNew) throw new KeyRace();
}
