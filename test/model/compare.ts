import type { ModelPayment, Oracle } from './oracle.ts';
import type { RealSystem } from './real-system.ts';

/** What a client sees must be what the oracle says, for every user and every payment. */
export async function compareWithOracle(oracle: Oracle, { api, book }: RealSystem): Promise<void> {
  for (const { id, posted } of oracle.users.values()) {
    const [user, payments] = await Promise.all([
      api.get(`/api/v1/users/${id}`),
      api.get(`/api/v1/payments?user_id=${id}&limit=200`),
    ]);
    expect(user.json).toMatchObject({
      id,
      balance: cents(posted),
      available: cents(oracle.available(id)),
      pending_out: cents(oracle.held(id)),
      pending_in: cents(oracle.incoming(id)),
    });
    expect(user.json.available).toBeGreaterThanOrEqual(0);
    const expected = oracle.ofUser(id).map(describe);
    expect(payments.json.items).toMatchObject(expected.toSorted((a, b) => b.payment_id - a.payment_id));
  }
  for (const { reference } of oracle.payments.values())
    expect([reference, book.get(reference)]).toEqual([reference, oracle.book.get(reference)]);
}

function describe(payment: ModelPayment) {
  return {
    payment_id: payment.id,
    user_id: payment.userId,
    type: payment.type,
    amount: cents(payment.amount),
    commission: cents(payment.fee),
    status: payment.status,
    attempts: payment.attempts,
    transaction_status: ledgerStateOf(payment),
    redrive_of: payment.redriveOf,
    refund_of: payment.refundOf,
  };
}

function ledgerStateOf({ type, status, wasTaken }: ModelPayment): string {
  if (status === 'success') return 'posted';
  if (type === 'deposit' || !wasTaken) return 'none';
  return status === 'failed' ? 'voided' : 'held';
}

function cents(amount: bigint): number {
  return Number(amount) / 100;
}
