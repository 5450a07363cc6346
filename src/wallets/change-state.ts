import type { Pool, Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import {
  changeWalletState,
  isStateChangeWritten,
  type WalletStateChange,
} from '../ledger/wallet-state-changes.sql.ts';
import { lockAndReadState } from './change-state.sql.ts';
import { decideStateChange, type StateAction, type StateDecision } from './decide-state-change.ts';

export interface StateChangeRequest {
  readonly walletId: bigint;
  readonly action: StateAction;
  readonly by: string;
  readonly reason: string;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}

export type StateChangeOutcome =
  | { readonly kind: 'changed'; readonly change: WalletStateChange }
  | { readonly kind: 'not_found' }
  | Exclude<StateDecision, { kind: 'changed' }>;

/**
 * Freezes, unfreezes or closes a wallet, and records who wanted it and why. It is decided under the lock of the wallet, which whatever takes
 * money from it has too: a withdrawal is accepted before the freeze, or refused.
 * @throws a database error, and then nothing was done; CommitOutcomeUnknown if that is not known.
 */
export async function changeState(pool: Pool, request: StateChangeRequest): Promise<StateChangeOutcome> {
  return await inTransaction(pool, (transaction) => change(transaction, request), {
    isWritten: async (queryable, outcome) =>
      outcome.kind !== 'changed' || (await isStateChangeWritten(queryable, outcome.change)),
  });
}

async function change(
  transaction: Transaction,
  { walletId, action, by, reason, traceparent }: StateChangeRequest,
): Promise<StateChangeOutcome> {
  const facts = await lockAndReadState(transaction, { walletId });
  if (!facts) return { kind: 'not_found' };
  const decision = decideStateChange(action, facts);
  if (decision.kind !== 'changed') return decision;
  const { before, after } = decision;
  const written = await changeWalletState(transaction, {
    walletId,
    userId: facts.userId,
    action,
    before,
    after,
    by,
    reason,
    traceparent,
  });
  return { kind: 'changed', change: written };
}
