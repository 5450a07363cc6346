import type { Knex } from 'knex';
import type { PaymentJob } from '../data/fill-payments.sql.ts';
import { findUsualAccounts } from './usual-accounts.sql.ts';
import { postTheUsualWay } from './usual-postings.sql.ts';

/** A payment, as its job describes it. */
export interface UsualJob extends PaymentJob {
  readonly reference: string;
}

/** The row that says "a call may have happened", committed before the call; a retried job finds it there. */
export async function openUsualAttempt(knex: Knex, job: UsualJob): Promise<void> {
  await knex('payment_attempts')
    .insert({ payment_id: job.payment_id, run_lease: 1, user_id: job.user_id, attempt: 1, worker: 'usual' })
    .onConflict()
    .ignore();
}

/**
 * Settles one payment in one transaction, a statement at a time: status, ledger header, entries, wallet and hold, attempt.
 * @throws when the payment was settled before.
 */
export async function settleTheUsualWay(knex: Knex, job: UsualJob, gatewayReference: string): Promise<void> {
  const accounts = (await findUsualAccounts(knex))('USD');
  await knex.transaction(async (transaction) => {
    const settledCount = await transaction('payments').where({ id: job.payment_id, status: 'new' }).update({
      status: 'success',
      gateway_reference: gatewayReference,
      attempts: 1,
      updated_at: knex.fn.now(),
    });
    if (settledCount !== 1) throw new Error(`payment ${job.payment_id} was settled before`);
    await postTheUsualWay(transaction, {
      ...{ userId: job.user_id, reference: `payment:${job.payment_id}`, step: 'settle' },
      legs: legsOf(job, accounts),
    });
    await moveBalance(transaction, job);
    await transaction('payment_attempts')
      .where({ payment_id: job.payment_id, run_lease: 1 })
      .update({ finished_at: knex.fn.now(), outcome: 'succeeded', http_status: 200 });
  });
}

function legsOf(
  { type, wallet_id, amount, fee }: UsualJob,
  accounts: { readonly gateway: string; readonly fee: string },
) {
  const leg = (account_id: string, moved: number) => ({ account_id, amount: moved });
  if (type === 'deposit') {
    return [leg(accounts.gateway, -amount), leg(wallet_id, amount - fee), leg(accounts.fee, fee)];
  }
  return [leg(wallet_id, -(amount + fee)), leg(accounts.gateway, amount), leg(accounts.fee, fee)];
}

async function moveBalance(
  transaction: Knex,
  { type, payment_id, user_id, wallet_id, amount, fee }: UsualJob,
): Promise<void> {
  const wallet = transaction('accounts').where({ id: wallet_id });
  if (type === 'deposit') await wallet.increment('posted', amount - fee);
  else {
    await wallet.decrement({ posted: amount + fee, held: amount + fee });
    await transaction('holds').where({ user_id, purpose: 'payment', subject_id: payment_id }).delete();
  }
}
