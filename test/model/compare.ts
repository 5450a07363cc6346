import { decimal } from './currencies.ts';
import type { Oracle } from './oracle.ts';
import type { RealSystem } from './real-system.ts';
import { renderFee } from './requests/fees.ts';
import { renderHold } from './requests/order-holds.ts';
import { nameOf } from './requests/other-names.ts';
import { renderQuote } from './requests/quotes.ts';
import { renderChanges } from './requests/wallet-states.ts';
import { type ModelPayment, type WalletName, walletKey } from './state.ts';

/** What a client sees must be what the oracle says, for every wallet, every payment and every fee. */
export async function compareWithOracle(oracle: Oracle, { api, book }: RealSystem): Promise<void> {
  for (const { id } of oracle.users.values()) {
    const [wallets, payments] = await Promise.all([
      api.get(`/api/v1/users/${id}/wallets`),
      api.get(`/api/v1/payments?user_id=${id}&limit=200`),
    ]);
    const shown: readonly ShownWallet[] = wallets.json.items;
    expect(Object.fromEntries(shown.map((wallet) => [keyOfShown(wallet), describeShown(wallet)]))).toEqual(
      expectedWallets(oracle, id),
    );
    const idOf = new Map(shown.map((wallet) => [keyOfShown(wallet), wallet.id]));
    const expected = oracle
      .ofUser(id)
      .map((payment) => ({ ...describePayment(payment), wallet_id: idOf.get(walletKey(payment)) }));
    expect(payments.json.items).toMatchObject(expected.toSorted((a, b) => b.payment_id - a.payment_id));
    expect(payments.json.items).toHaveLength(expected.length);
  }
  for (const { reference } of oracle.payments.values())
    expect([reference, book.get(reference)]).toEqual([reference, oracle.book.get(reference)]);
  const { json } = await api.get('/api/v1/currency/fees');
  const rows = json.items.filter(({ source }: { readonly source: string }) => source === 'schedule');
  const byId = (one: { readonly id: number }, other: { readonly id: number }) => one.id - other.id;
  expect(rows.toSorted(byId)).toMatchObject(oracle.fees.toSorted(byId).map(renderFee));
  expect(rows).toHaveLength(oracle.fees.length);
}

/** In the end: whatever was answered once can be read, as it was answered or as what became of it, and there is nothing else. */
export async function compareInTheEnd(oracle: Oracle, real: RealSystem): Promise<void> {
  const { api } = real;
  for (const { id, externalId, currency } of oracle.users.values()) {
    const wallet = { userId: id, currency };
    const { json } = await api.get(`/api/v1/users/${id}`);
    expect(json).toMatchObject({
      ...{ id, external_id: externalId, currency },
      available: decimal(oracle.available(wallet), currency),
      pending_out: decimal(oracle.held(wallet), currency),
      pending_in: decimal(oracle.incoming(wallet), currency),
    });
    const name = nameOf({ id, externalId });
    const named = await api.get(`/api/wallet/${name}`);
    expect(named.json).toMatchObject({ user_id: name, currency, balance_minor: `${oracle.posted(wallet)}` });
  }
  for (const wallet of oracle.wallets.values()) {
    const { json } = await api.get(`/api/v1/wallets/${await real.walletIdOf(wallet)}`);
    expect(json).toMatchObject({ state: wallet.state, history: renderChanges(oracle, wallet) });
  }
  for (const { id, from, to, amount, fee, payer } of oracle.transfers.values()) {
    const [fromId, toId] = await Promise.all([from, to].map(real.walletIdOf));
    const { json } = await api.get(`/api/v1/transfers/${id}`);
    expect(json).toMatchObject({
      ...{ user_id: from.userId, from_wallet_id: fromId, to_wallet_id: toId, currency: to.currency },
      ...{ amount_minor: `${amount}`, commission_minor: `${fee}`, fee_payer: payer },
    });
  }
  for (const hold of oracle.holds.values()) {
    const { json } = await api.get(`/api/v1/accounts/${hold.userId}/hold?order_id=${hold.orderId}`);
    expect(json).toMatchObject({ ...renderHold(hold), wallet_id: await real.walletIdOf(hold) });
  }
  const used = [...oracle.quotes.values()].filter(({ status }) => status === 'used');
  for (const quote of used) {
    const { json } = await api.get(`/api/v1/currency/conversions/${quote.conversionId}`);
    expect(json).toMatchObject(renderQuote(quote));
  }
  expect(await real.countMade([...oracle.users.keys()])).toEqual({
    payments: oracle.payments.size,
    transfers: oracle.transfers.size,
    holds: oracle.holds.size,
    conversions: used.length,
    wallets: oracle.wallets.size,
  });
}

interface ShownWallet {
  readonly id: number;
  readonly user_id: number;
  readonly currency: WalletName['currency'];
  readonly name: string | null;
  readonly state: string;
  readonly balance_minor: string;
  readonly held_minor: string;
  readonly available_minor: string;
}

function keyOfShown({ user_id: userId, currency, name }: ShownWallet): string {
  return walletKey({ userId, currency, name: name ?? undefined });
}

function describeShown({ state, balance_minor, held_minor, available_minor }: ShownWallet) {
  return { state, balance: balance_minor, held: held_minor, available: available_minor };
}

function expectedWallets(oracle: Oracle, userId: number) {
  const owned = [...oracle.wallets].filter(([, wallet]) => wallet.userId === userId);
  return Object.fromEntries(
    owned.map(([key, wallet]) => {
      const [held, available] = [oracle.held(wallet), oracle.available(wallet)];
      // Nobody may spend what is not there.
      expect(available >= 0n).toBe(true);
      const { state } = wallet;
      return [key, { state, balance: `${held + available}`, held: `${held}`, available: `${available}` }];
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
    fee_payer: payment.payer,
    gateway_amount: decimal(payment.ofGateway, currency),
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
