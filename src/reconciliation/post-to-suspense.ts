import type { Pool, Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { postToLedger } from '../ledger/post-to-ledger.ts';
import type { Posting } from '../ledger/posting.ts';
import { findSystemAccounts, type SystemAccounts } from '../ledger/system-accounts.ts';
import type { Money } from '../money/money.ts';
import { closeInTransaction } from './close-difference.ts';
import { decideSuspense } from './decide-suspense.ts';
import { findPostedSibling, lockDifference, lockReference } from './post-to-suspense.sql.ts';

export type SuspenseOutcome =
  | { readonly kind: 'posted'; readonly deltas: ReadonlyMap<string, bigint> }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'closed'; readonly by: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Posts a difference between the gateway's book and ours from the clearing account to suspense, because a person decided so, and closes the
 * difference in the same transaction. The clearing account then agrees with the gateway's book, and suspense shows how much still has to be
 * explained. Wallets are never touched.
 * @throws a database error, and then nothing was written.
 */
export async function postToSuspense(pool: Pool, request: SuspenseRequest): Promise<SuspenseOutcome> {
  const accounts = new Map<string, SystemAccounts>();
  for (;;) {
    try {
      return await inTransaction(pool, (transaction) => postInTransaction(transaction, request, accounts));
    } catch (error) {
      if (!(error instanceof AccountsNotRead)) throw error;
      // The currencies are known only from the locked difference, and a transaction must not wait for a second connection.
      accounts.set(error.currency, await findSystemAccounts(pool, error.currency));
    }
  }
}

interface SuspenseRequest {
  readonly id: bigint;
  readonly by: string;
  readonly reason: string;
}

/** Ends the transaction, which has written nothing, so that the accounts of a currency can be read first. */
class AccountsNotRead extends Error {
  override readonly name = 'AccountsNotRead';
  readonly currency: string;
  constructor(currency: string) {
    super(`the system accounts in ${currency} were not read`);
    this.currency = currency;
  }
}

async function postInTransaction(
  transaction: Transaction,
  request: SuspenseRequest,
  accounts: ReadonlyMap<string, SystemAccounts>,
): Promise<SuspenseOutcome> {
  const { id } = request;
  const difference = await lockDifference(transaction, id);
  if (!difference) return { kind: 'not_found' };
  if (difference.closedBy !== null) return { kind: 'closed', by: difference.closedBy };
  if (difference.reference !== null) {
    const { reference } = difference;
    await lockReference(transaction, reference);
    const siblingId = await findPostedSibling(transaction, { id, reference });
    if (siblingId !== undefined)
      return {
        kind: 'refused',
        reason: `exception ${siblingId} about the same payment has already been posted`,
      };
  }
  const decision = decideSuspense(difference);
  if (decision.kind === 'refused') return decision;
  const postings = [...decision.deltas].map(([currency, deltaMinor]) => {
    const step = decision.deltas.size === 1 ? 'suspense' : `suspense:${currency}`;
    const opposite = accounts.get(currency);
    if (!opposite) throw new AccountsNotRead(currency);
    return suspensePosting({ id, step, amountMinor: deltaMinor, currency }, opposite);
  });
  await postToLedger(transaction, postings);
  await closeInTransaction(transaction, { ...request, reason: `posted to suspense: ${request.reason}` });
  return { kind: 'posted', deltas: decision.deltas };
}

function suspensePosting(
  { id, step, amountMinor, currency }: Money & { readonly id: bigint; readonly step: string },
  { gateway, suspense }: SystemAccounts,
): Posting {
  return {
    reference: `difference:${id}`,
    step,
    userId: null,
    legs: [
      { accountId: gateway, balance: 'folded', amountMinor: -amountMinor, currency },
      { accountId: suspense, balance: 'folded', amountMinor, currency },
    ],
  };
}
