import type { Queryable, Transaction } from '../shared/database.ts';
import type { PaymentToWrite } from './decide-acceptance.ts';

/** Locks wallets in ascending id order and gives what each has available, in minor units. */
export async function lockWallets(
  transaction: Transaction,
  walletIds: readonly bigint[],
): Promise<Map<bigint, bigint>> {
  if (walletIds.length === 0) return new Map();
  const { rows } = await transaction.query<{ id: bigint; available: bigint }>({
    name: 'payments-lock-wallets',
    text: `
      select id, posted - held as available
      from accounts
      where id = any ($1::bigint[])
      order by id
      for no key update`,
    values: [[...new Set(walletIds)]],
  });
  return new Map(rows.map((row) => [row.id, row.available]));
}

/** Locks wallets in the order of their ids, without waiting for any, and gives those that nobody else had locked. */
export async function lockFreeWallets(
  transaction: Transaction,
  walletIds: readonly bigint[],
): Promise<Set<bigint>> {
  const { rows } = await transaction.query<{ id: bigint }>({
    name: 'payments-lock-free-wallets',
    text: 'select id from accounts where id = any ($1::bigint[]) order by id for no key update skip locked',
    values: [[...new Set(walletIds)]],
  });
  return new Set(rows.map((row) => row.id));
}

/**
 * Locks the wallets of users, given as pairs of user and currency, in ascending id order, and gives what each has
 * available, in minor units, by wallet id. Pairs without a wallet are left out, and with `set_aside` those whose wallet
 * somebody else has locked.
 */
export async function lockWalletsOfUsers(
  transaction: Transaction,
  owners: readonly { readonly userId: bigint; readonly currency: string }[],
  { lockedWallets }: { readonly lockedWallets: 'wait' | 'set_aside' },
): Promise<Map<bigint, bigint>> {
  if (owners.length === 0) return new Map();
  const { rows } = await transaction.query<{ id: bigint; available: bigint }>({
    name: `payments-lock-wallets-of-users-${lockedWallets}`,
    text: `
      select id, posted - held as available
      from accounts
      where (user_id, currency) in (select * from unnest($1::bigint[], $2::text[]))
      order by id
      for no key update${lockedWallets === 'set_aside' ? ' skip locked' : ''}`,
    values: [owners.map((owner) => owner.userId), owners.map((owner) => owner.currency)],
  });
  return new Map(rows.map((row) => [row.id, row.available]));
}

/**
 * Writes payments, their tasks and their keys with the stored answers.
 * Keys go in sorted order: two processes that write the same keys wait for each other and cannot deadlock.
 * @returns how many keys were new. Fewer than were given means that another process used one of them first: the caller
 *   must roll back and decide again.
 */
export async function insertAcceptances(
  transaction: Transaction,
  payments: readonly (PaymentToWrite & { readonly reference: string; readonly redriveOf?: bigint })[],
): Promise<number> {
  const { rows } = await transaction.query<{ count: number }>({
    name: 'payments-insert-acceptances',
    text: `
      with accepted as materialized (
        select *
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
                    $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[], $13::bytea[], $14::int[], $15::text[])
          as t (id, user_id, wallet_id, type, amount, fee, currency,
                status, reference, last_error, redrive_of, key, fingerprint, response_status, response_body)
      ),
      keyed as (
        insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body)
        select user_id, key, fingerprint, 'payment', id, response_status, response_body
        from accepted
        where key is not null
        order by user_id, key
        on conflict do nothing
        returning 1
      ),
      paid as (
        insert into payments (id, user_id, wallet_id, type, amount, fee, currency, status, reference, last_error, redrive_of)
        select id, user_id, wallet_id, type, amount, fee, currency, status, reference, last_error, redrive_of
        from accepted
      ),
      queued as (
        insert into payment_tasks (payment_id, user_id)
        select id, user_id
        from accepted
        where status = 'new'
      )
      select count(*)::int as count from keyed`,
    values: [
      payments.map((payment) => payment.paymentId),
      payments.map((payment) => payment.request.userId),
      payments.map((payment) => payment.walletId),
      payments.map((payment) => payment.request.type),
      payments.map((payment) => payment.request.amountMinor),
      payments.map((payment) => payment.feeMinor),
      payments.map((payment) => payment.request.currency),
      payments.map((payment) => payment.status),
      payments.map((payment) => payment.reference),
      payments.map((payment) => payment.lastError),
      payments.map((payment) => payment.redriveOf ?? null),
      payments.map((payment) => payment.request.idempotency?.key ?? null),
      payments.map((payment) => payment.request.idempotency?.fingerprint ?? null),
      payments.map((payment) => payment.response?.status ?? null),
      payments.map((payment) => payment.response?.body ?? null),
    ],
  });
  return rows[0]?.count ?? 0;
}

export async function isPaymentWritten(
  queryable: Queryable,
  { paymentId, reference }: { readonly paymentId: bigint; readonly reference: string },
): Promise<boolean> {
  const { rowCount } = await queryable.query('select 1 from payments where id = $1 and reference = $2', [
    paymentId,
    reference,
  ]);
  return rowCount === 1;
}

export async function drawPaymentId(transaction: Transaction): Promise<bigint> {
  const { rows } = await transaction.query(`select nextval('payments_id_seq') as id`);
  return rows[0].id;
}
