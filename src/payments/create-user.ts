import { postToLedger } from '../ledger/post-to-ledger.ts';
import { findSystemAccounts, type SystemAccounts } from '../ledger/system-accounts.ts';
import type { Money } from '../money/money.ts';
import { currencyScale } from '../shared/currency.ts';
import type { Pool, Transaction } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import type { IdempotencyClaim, StoredResponse } from './acceptance.ts';
import { insertUser, insertWallet, isUserWritten } from './create-user.sql.ts';
import { type Executed, executeOnce, type OnceOutcome } from './execute-once.ts';
import { openingPosting } from './payment-postings.ts';
import { KEY_SCOPES } from './used-keys.sql.ts';
import type { User } from './user.ts';

export interface CreateUserRequest {
  /** What the wallet begins with, and the currency that it is in. */
  readonly opening: Money;
  readonly responseTtlMs: number;
  readonly idempotency: IdempotencyClaim | null;
  readonly renderResponse: (user: User) => StoredResponse;
}

export type CreateUserOutcome =
  | (Extract<OnceOutcome, { kind: 'answered' }> & { readonly userId: bigint })
  | Exclude<OnceOutcome, { kind: 'answered' }>;

/**
 * Creates a user, their wallet and the opening balance, which comes from equity, in one transaction.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown when that cannot be said.
 */
export async function createUser(pool: Pool, request: CreateUserRequest): Promise<CreateUserOutcome> {
  const accounts = await findSystemAccounts(pool, request.opening.currency);
  const outcome = await executeOnce<WrittenUser>(
    pool,
    { ...request, scope: KEY_SCOPES.newUsers },
    {
      write: (transaction) => writeUser(transaction, request, accounts),
      isWritten: isUserWritten,
      beforeCommit: () => failpoint('user.before_commit'),
    },
  );
  if (outcome.kind !== 'answered') return outcome;
  if (!outcome.isReplay) failpoint('user.after_commit');
  return { ...outcome, userId: outcome.resourceId };
}

interface WrittenUser extends Executed {
  readonly userId: bigint;
  readonly createdAt: Date;
}

async function writeUser(
  transaction: Transaction,
  request: CreateUserRequest,
  accounts: SystemAccounts,
): Promise<WrittenUser> {
  const { userId, createdAt } = await insertUser(transaction);
  const { amountMinor, currency } = request.opening;
  const walletId = await insertWallet(transaction, { userId, currency, scale: currencyScale(currency) });
  if (amountMinor > 0n) {
    await postToLedger(transaction, [openingPosting({ userId, walletId, amountMinor, currency }, accounts)]);
  }
  const response = request.renderResponse({
    userId,
    currency,
    postedMinor: amountMinor,
    heldMinor: 0n,
    pendingInMinor: 0n,
    createdAt,
  });
  return { resourceId: userId, userId, createdAt, response };
}
