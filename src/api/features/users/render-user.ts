import type { StoredResponse } from '../../../idempotency/used-key.ts';
import type { StatementLine } from '../../../wallets/read-statement.sql.ts';
import type { User } from '../../../wallets/user.ts';
import type { UserWallet } from '../../../wallets/user-wallet.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';

/** The answer to a request to create a user, the same now and at every replay. */
export function renderCreatedUser(wallet: UserWallet): StoredResponse {
  return { status: 201, body: JSON.stringify(renderUser({ ...wallet, heldMinor: 0n, pendingInMinor: 0n })) };
}

export function renderUser(user: User) {
  return {
    id: Number(user.userId),
    external_id: user.externalId,
    ...renderAmounts(
      {
        balance: user.postedMinor,
        available: user.postedMinor - user.heldMinor,
        pending_out: user.heldMinor,
        pending_in: user.pendingInMinor,
      },
      user.currency,
    ),
    currency: user.currency,
    created_at: user.createdAt.toISOString(),
  };
}

export function renderStatementLine(line: StatementLine, currency: string) {
  const [, subject, id] = /^(payment|transfer|conversion):(\d+)$/.exec(line.reference) ?? [];
  const idOf = (kind: string) => (subject === kind ? Number(id) : null);
  return {
    transaction_id: Number(line.transactionId),
    at: line.at.toISOString(),
    reference: line.reference,
    step: line.step,
    payment_id: idOf('payment'),
    transfer_id: idOf('transfer'),
    conversion_id: idOf('conversion'),
    currency,
    order_id: line.orderId,
    ...renderAmounts({ amount: line.amountMinor, balance_after: line.balanceAfterMinor }, currency),
  };
}
