import { postToLedger } from '../ledger/post-to-ledger.ts';
import type { Posting } from '../ledger/posting.ts';
import { findSystemAccounts, type SystemAccounts } from '../ledger/system-accounts.ts';
import type { Pool } from '../shared/database.ts';
import { inTransaction } from '../shared/transaction.ts';
import { decideSuspense } from './decide-suspense.ts';
import {
  closePostedException,
  findPostedSibling,
  lockException,
  lockReference,
} from './post-to-suspense.sql.ts';

export type SuspenseOutcome =
  | { readonly kind: 'posted'; readonly deltas: ReadonlyMap<string, bigint> }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'closed'; readonly by: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Posts a difference between the gateway's book and ours from the clearing account to suspense, because a person decided so, and
 * closes the exception in the same transaction. The clearing account then says what the gateway's book says, and suspense
 * says how much still has to be explained. A wallet is never touched.
 * @throws a database error, and then nothing was written.
 */
export async function postToSuspense(
  pool: Pool,
  request: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<SuspenseOutcome> {
  const { id } = request;
  return await inTransaction<SuspenseOutcome>(pool, async (transaction) => {
    const exception = await lockException(transaction, id);
    if (!exception) return { kind: 'not_found' };
    if (exception.closedBy !== null) return { kind: 'closed', by: exception.closedBy };
    if (exception.reference !== null) {
      const { reference } = exception;
      await lockReference(transaction, reference);
      const siblingId = await findPostedSibling(transaction, { id, reference });
      if (siblingId !== undefined)
        return { kind: 'refused', reason: `exception ${siblingId} about the same payment was posted before` };
    }
    const decision = decideSuspense(exception);
    if (decision.kind === 'refused') return decision;
    const postings: Posting[] = [];
    for (const [currency, deltaMinor] of decision.deltas) {
      const step = decision.deltas.size === 1 ? 'suspense' : `suspense:${currency}`;
      const accounts = await findSystemAccounts(pool, currency);
      postings.push(suspensePosting({ id, step, deltaMinor }, accounts));
    }
    await postToLedger(transaction, postings);
    await closePostedException(transaction, request);
    return { kind: 'posted', deltas: decision.deltas };
  });
}

function suspensePosting(
  { id, step, deltaMinor }: { readonly id: bigint; readonly step: string; readonly deltaMinor: bigint },
  { gateway, suspense }: SystemAccounts,
): Posting {
  return {
    reference: `exception:${id}`,
    step,
    userId: null,
    legs: [
      { accountId: gateway, balance: 'folded', layer: 'posted', amountMinor: -deltaMinor },
      { accountId: suspense, balance: 'folded', layer: 'posted', amountMinor: deltaMinor },
    ],
  };
}
