import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { GRAPHILE_TASK } from './graphile-settings.ts';
import { keepAnswer, type UsualAnswer, type UsualKey, useKey } from './usual-keys.sql.ts';

/** Where the work that follows is put: a row of a table, or a job of graphile-worker. Both commit with the payment. */
export type UsualQueue = 'table' | 'graphile-worker';

export interface UsualRequest extends UsualKey {
  readonly type: 'deposit' | 'withdraw';
  readonly amount: number;
  readonly amountMinor: number;
  readonly queue: UsualQueue;
}

const CURRENCY = 'USD';

/**
 * Accepts one payment in one transaction, a statement at a time: key row, wallet (locked for a withdrawal), payment, hold,
 * task, stored answer. The tables are the project's own, with their indexes and without foreign
 * keys between the hot ones, and system accounts are not locked either: this peer gets every advantage of the schema.
 */
export async function acceptTheUsualWay(knex: Knex, request: UsualRequest): Promise<UsualAnswer> {
  const { type, userId, amountMinor } = request;
  const fee = Math.round(amountMinor * 0.02);
  return await knex.transaction(async (transaction) => {
    const used = await useKey(transaction, request, 'payment');
    if (used) return used;

    const wallet = transaction('accounts')
      .where({ user_id: userId, currency: CURRENCY })
      .first('id', 'posted', 'held');
    const found = await (type === 'withdraw' ? wallet.forUpdate() : wallet);
    if (!found) throw new Error(`there is no user ${userId}`);
    const total = amountMinor + fee;
    if (type === 'withdraw') {
      if (BigInt(found.posted) - BigInt(found.held) < BigInt(total))
        throw new Error('the funds do not suffice');
      await transaction('accounts').where({ id: found.id }).increment('held', total);
    }

    const [payment] = await transaction('payments')
      .insert({
        user_id: userId,
        wallet_id: found.id,
        type,
        amount: amountMinor,
        fee,
        currency: CURRENCY,
        status: 'new',
        reference: randomUUID(),
      })
      .returning(['id', 'reference']);
    if (type === 'withdraw') {
      await transaction('holds').insert({
        user_id: userId,
        purpose: 'payment',
        subject_id: payment.id,
        account_id: found.id,
        amount_minor: total,
        currency: CURRENCY,
      });
    }
    await enqueue(transaction, { request, payment, walletId: found.id, fee });

    const answer = { status: 202, body: render(request, payment.id) };
    return await keepAnswer(transaction, request, { answer, resourceId: payment.id });
  });
}

async function enqueue(
  transaction: Knex,
  {
    request,
    payment,
    walletId,
    fee,
  }: {
    readonly request: UsualRequest;
    readonly payment: { readonly id: string; readonly reference: string };
    readonly walletId: string;
    readonly fee: number;
  },
): Promise<void> {
  if (request.queue === 'table') {
    await transaction('payment_tasks').insert({ payment_id: payment.id, user_id: request.userId });
    return;
  }
  const job = {
    payment_id: payment.id,
    user_id: String(request.userId),
    wallet_id: walletId,
    type: request.type,
    amount: request.amountMinor,
    fee,
    reference: payment.reference,
  };
  await transaction.raw('select graphile_worker.add_job(?, ?::json)', [GRAPHILE_TASK, JSON.stringify(job)]);
}

function render({ type, userId, amount }: UsualRequest, paymentId: string): string {
  const moved = type === 'deposit' ? { deposit: amount } : { withdraw: amount };
  return JSON.stringify({ payment_id: Number(paymentId), user_id: userId, status: 'processing', ...moved });
}
