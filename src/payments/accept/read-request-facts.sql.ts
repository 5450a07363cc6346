import type { CommandFacts } from '../../commands/command-kind.ts';
import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import { toValidFees, type ValidFeesRow, validFees } from '../../fees/valid-fees.sql.ts';
import { toUsedKey, type UsedKeyRow, usedKeyColumns, usedKeyOf } from '../../idempotency/used-keys.sql.ts';
import type { WalletState } from '../../ledger/wallet-state.ts';
import { NEW_PAYMENT_ID } from '../payment-id.sql.ts';
import { createPaymentReference } from '../payment-reference.ts';
import type { PaymentRequest } from './acceptance.ts';
import type { RequestFacts } from './decide-acceptance.ts';
import { lockAndReadRefunded } from './read-refunded.sql.ts';

/** Ids begin at 1. */
const NO_PAYMENT = 0n;

interface Row extends UsedKeyRow, ValidFeesRow {
  readonly has_user: boolean;
  readonly wallet_id: bigint | null;
  readonly state: WalletState | null;
  readonly payment_id: bigint | null;
}

/**
 * Reads the facts about each request of a batch, in order, and draws ids for those that may become payments. Ids are drawn in the order of
 * the requests, which the sorted sub-select makes sure of. Each table is read by key, once for each request, and nothing is locked except
 * the deposits of refunds. The limits tell the planner so: without them, if a table was small when the plan was made, the plan reads the
 * whole table for as long as it is kept. The fees that are valid are read once for all of them.
 */
export async function readRequestFacts(
  transaction: Transaction,
  requests: readonly PaymentRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<RequestFacts>[]> {
  const depositIds = requests.flatMap(({ refund }) => refund?.depositId ?? []);
  const [rows, deposits] = await sentTogether([
    readRows(transaction, requests, { responseTtlMs }),
    lockAndReadRefunded(transaction, depositIds),
  ]);
  const fees = toValidFees(rows);
  return rows.map((row, index) => ({
    usedKey: toUsedKey(row),
    walletId: row.wallet_id,
    facts: {
      hasUser: row.has_user,
      name:
        row.payment_id === null
          ? null
          : { paymentId: row.payment_id, reference: createPaymentReference(row.payment_id) },
      walletState: row.state,
      deposit: deposits.get(requests[index]?.refund?.depositId ?? NO_PAYMENT) ?? null,
      fees,
    },
  }));
}

async function readRows(
  transaction: Transaction,
  requests: readonly PaymentRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<Row[]> {
  const { rows } = await transaction.query<Row>({
    name: 'payments-read-request-facts',
    text: `
      select fact.*,
             case
               when fact.wallet_id is not null and fact.resource_id is null
               then ${NEW_PAYMENT_ID}
             end as payment_id,
             ${validFees('fact.position')}
      from (
        select request.position, owner.id is not null as has_user,
               wallet.id as wallet_id, wallet.state,
               ${usedKeyColumns('$5')}
        from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
          with ordinality as request (user_id, currency, wallet_name, key, position)
        left join lateral (
          select id from users where id = request.user_id limit 1
        ) as owner on true
        left join lateral (
          select id, state
          from accounts
          where user_id = request.user_id and currency = request.currency and name = request.wallet_name
          limit 1
        ) as wallet on true
        left join lateral (${usedKeyOf('request.user_id', 'request.key')}) as used on true
        order by request.position
        offset 0
      ) as fact`,
    values: [
      requests.map((request) => request.userId),
      requests.map((request) => request.currency),
      requests.map((request) => request.wallet?.name ?? ''),
      requests.map((request) => request.idempotency?.key ?? null),
      responseTtlMs,
    ],
  });
  return rows;
}
