import type { Knex } from 'knex';
import { findUsualAccounts } from './usual-accounts.sql.ts';
import { keepAnswer, type UsualAnswer, type UsualKey, useKey } from './usual-keys.sql.ts';
import { postTheUsualWay } from './usual-postings.sql.ts';

const CURRENCY = 'USD';
const WEEK_MS = 7 * 86_400_000;

export interface UsualHoldRequest extends UsualKey {
  readonly orderId: string;
  readonly amountMinor: number;
}

/** Holds money for an order in one transaction, a statement at a time: key, wallet (locked), order, hold, stored answer. */
export async function holdTheUsualWay(knex: Knex, request: UsualHoldRequest): Promise<UsualAnswer> {
  const { userId, orderId, amountMinor } = request;
  return await knex.transaction(async (transaction) => {
    const used = await useKey(transaction, request, 'order_hold');
    if (used) return used;
    const wallet = await transaction('accounts')
      .where({ user_id: userId, currency: CURRENCY })
      .first('id', 'posted', 'held')
      .forUpdate();
    if (!wallet) throw new Error(`there is no user ${userId}`);
    if (BigInt(wallet.posted) - BigInt(wallet.held) < BigInt(amountMinor))
      throw new Error('the funds do not suffice');
    await transaction('accounts').where({ id: wallet.id }).increment('held', amountMinor);
    const expiresAt = new Date(Date.now() + WEEK_MS);
    const [hold] = await transaction('order_holds')
      .insert({
        user_id: userId,
        order_id: orderId,
        wallet_id: wallet.id,
        amount_minor: amountMinor,
        currency: CURRENCY,
        expires_at: expiresAt,
      })
      .returning('id');
    await transaction('holds').insert({
      user_id: userId,
      purpose: 'order',
      subject_id: hold.id,
      account_id: wallet.id,
      amount_minor: amountMinor,
      currency: CURRENCY,
      expires_at: expiresAt,
    });
    const answer = { status: 201, body: render(request, { amountMinor, capturedMinor: 0, status: 'open' }) };
    return await keepAnswer(transaction, request, { answer, resourceId: hold.id });
  });
}

/** Captures all of a hold for our own sales, likewise: key, hold and wallet (locked), ledger, balances, hold, stored answer. */
export async function captureTheUsualWay(
  knex: Knex,
  request: UsualKey & { readonly orderId: string },
): Promise<UsualAnswer> {
  const { userId, orderId } = request;
  const { sales } = (await findUsualAccounts(knex))(CURRENCY);
  return await knex.transaction(async (transaction) => {
    const used = await useKey(transaction, request, 'order_hold');
    if (used) return used;
    const hold = await transaction('order_holds')
      .where({ user_id: userId, order_id: orderId, status: 'open' })
      .first('id', 'wallet_id', 'amount_minor', 'expires_at')
      .forUpdate();
    if (!hold || hold.expires_at <= new Date()) throw new Error(`nothing is held for ${orderId}`);
    const amountMinor = Number(hold.amount_minor);
    await postTheUsualWay(transaction, {
      ...{ userId, reference: `hold:${hold.id}`, step: 'capture:1' },
      legs: [
        { account_id: hold.wallet_id, amount: -amountMinor },
        { account_id: sales, amount: amountMinor },
      ],
    });
    await transaction('accounts')
      .where({ id: hold.wallet_id })
      .decrement({ posted: amountMinor, held: amountMinor });
    await transaction('holds').where({ user_id: userId, purpose: 'order', subject_id: hold.id }).delete();
    await transaction('order_holds').where({ user_id: userId, id: hold.id }).update({
      captured_minor: amountMinor,
      capture_count: 1,
      status: 'captured',
      resolved_at: knex.fn.now(),
    });
    const body = render(request, { amountMinor, capturedMinor: amountMinor, status: 'captured' });
    return await keepAnswer(transaction, request, { answer: { status: 200, body }, resourceId: hold.id });
  });
}

function render(
  { userId, orderId }: { readonly userId: number; readonly orderId: string },
  {
    amountMinor,
    capturedMinor,
    status,
  }: { readonly amountMinor: number; readonly capturedMinor: number; readonly status: string },
): string {
  return JSON.stringify({
    user_id: userId,
    order_id: orderId,
    amount: amountMinor / 100,
    captured: capturedMinor / 100,
    currency: CURRENCY,
    status,
  });
}
