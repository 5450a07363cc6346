import { CURRENCIES, type Currency, decimal } from './currencies.ts';
import type { Oracle } from './oracle.ts';
import type { RealSystem } from './real-system.ts';
import { renderQuote } from './requests/conversions.ts';
import { renderHold } from './requests/order-holds.ts';
import type { ModelPayment } from './state.ts';

/** What a client sees must be what the oracle says, for every wallet and every payment. */
export async function compareWithOracle(oracle: Oracle, { api, book }: RealSystem): Promise<void> {
  for (const { id } of oracle.users.values()) {
    const [wallets, payments] = await Promise.all([
      api.get(`/api/v1/users/${id}/wallets`),
      api.get(`/api/v1/payments?user_id=${id}&limit=200`),
    ]);
    expect(walletsByCurrency(wallets.json.items)).toEqual(expectedWallets(oracle, id));
    const expected = oracle.ofUser(id).map(describePayment);
    expect(payments.json.items).toMatchObject(expected.toSorted((a, b) => b.payment_id - a.payment_id));
    expect(payments.json.items).toHaveLength(expected.length);
  }
  for (const { reference } of oracle.payments.values())
    expect([reference, book.get(reference)]).toEqual([reference, oracle.book.get(reference)]);
}

/** In the end: whatever was answered once can be read, as it was answered or as what became of it, and there is nothing else. */
export async function compareInTheEnd(oracle: Oracle, { api, countMade }: RealSystem): Promise<void> {
  for (const { id, currency } of oracle.users.values()) {
    const wallet = { userId: id, currency };
    const { json } = await api.get(`/api/v1/users/${id}`);
    expect(json).toMatchObject({
      id,
      currency,
      available: decimal(oracle.available(wallet), currency),
      pending_out: decimal(oracle.held(wallet), currency),
      pending_in: decimal(oracle.incoming(wallet), currency),
    });
  }
  for (const { id, from, to, amount } of oracle.transfers.values()) {
    const { json } = await api.get(`/api/v1/transfers/${id}`);
    expect(json).toMatchObject({ user_id: from.userId, amount_minor: `${amount}`, currency: to.currency });
  }
  for (const hold of oracle.holds.values()) {
    const { json } = await api.get(`/api/v1/accounts/${hold.userId}/hold?order_id=${hold.orderId}`);
    expect(json).toMatchObject(renderHold(hold));
  }
  const used = [...oracle.quotes.values()].filter(({ status }) => status === 'used');
  for (const quote of used) {
    const { json } = await api.get(`/api/v1/currency/conversions/${quote.conversionId}`);
    expect(json).toMatchObject(renderQuote(quote));
  }
  expect(await countMade([...oracle.users.keys()])).toEqual({
    payments: oracle.payments.size,
    transfers: oracle.transfers.size,
    holds: oracle.holds.size,
    conversions: used.length,
    wallets: oracle.wallets.size,
  });
}

interface ShownWallet {
  readonly currency: Currency;
  readonly balance_minor: string;
  readonly held_minor: string;
  readonly available_minor: string;
}

function walletsByCurrency(items: readonly ShownWallet[]) {
  return Object.fromEntries(
    items.map(({ currency, balance_minor, held_minor, available_minor }) => [
      currency,
      { balance: balance_minor, held: held_minor, available: available_minor },
    ]),
  );
}

function expectedWallets(oracle: Oracle, userId: number) {
  return Object.fromEntries(
    CURRENCIES.map((currency) => ({ userId, currency }))
      .filter(oracle.hasWallet)
      .map((wallet) => {
        const [held, available] = [oracle.held(wallet), oracle.available(wallet)];
        // Nobody may spend what is not there.
        expect(available >= 0n).toBe(true);
        return [
          wallet.currency,
          { balance: `${held + available}`, held: `${held}`, available: `${available}` },
        ];
      }),
  );
}

function describePayment(payment: ModelPayment) {
  const { currency } = payment;
  return {
    payment_id: payment.id,
    user_id: payment.userId,
    type: payment.type,
    amount: decimal(payment.amount, currency),
    commission: decimal(payment.fee, currency),
    currency,
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
