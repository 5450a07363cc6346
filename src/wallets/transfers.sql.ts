import type { CommandFacts } from '../commands/command-kind.ts';
import type { Knex, Queryable, Transaction } from '../database/database.ts';
import type { Fee } from '../fees/fee.ts';
import { toValidFees, type ValidFeesRow, validFees } from '../fees/valid-fees.sql.ts';
import { toUsedKey, type UsedKeyRow, usedKeyColumns, usedKeyOf } from '../idempotency/used-keys.sql.ts';
import type { Transfer, TransferRequest } from './transfer.ts';

/** What a transfer is called if it is made, and when that is. */
export type TransferName = Pick<Transfer, 'transferId' | 'createdAt'>;

/** What the database said when a batch of requests was read. */
export interface TransferFacts extends TransferName {
  /** The rows of the schedule that were valid then. */
  readonly fees: readonly Fee[];
}

/** Reads the key of each request, in order, and the fees, and draws ids for what may become a transfer. */
export async function readTransferFacts(
  transaction: Transaction,
  requests: readonly TransferRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<TransferFacts>[]> {
  const rows = await readRows(transaction, requests, { responseTtlMs });
  const fees = toValidFees(rows);
  return rows.map((row, index) => {
    const { from, to } = requests[index]!;
    return {
      usedKey: toUsedKey(row),
      walletId: from.walletId,
      alsoLockedIds: [to.walletId],
      facts: { transferId: row.transfer_id, createdAt: row.created_at, fees },
    };
  });
}

interface Row extends UsedKeyRow, ValidFeesRow {
  readonly transfer_id: bigint;
  readonly created_at: Date;
}

async function readRows(
  transaction: Transaction,
  requests: readonly TransferRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<Row[]> {
  const { rows } = await transaction.query<Row>({
    name: 'wallets-read-transfer-facts',
    text: `
      select fact.*,
             case when fact.resource_id is null then nextval('wallet_transfers_id_seq') end as transfer_id,
             now() as created_at,
             ${validFees('fact.position')}
      from (
        select request.position, ${usedKeyColumns('$3')}
        from unnest($1::bigint[], $2::text[]) with ordinality as request (user_id, key, position)
        left join lateral (${usedKeyOf('request.user_id', 'request.key')}) as used on true
        order by request.position
        offset 0
      ) as fact`,
    values: [
      requests.map(({ from }) => from.userId),
      requests.map(({ idempotency }) => idempotency?.key ?? null),
      responseTtlMs,
    ],
  });
  return rows;
}

export async function insertTransfers(
  transaction: Transaction,
  transfers: readonly Transfer[],
): Promise<void> {
  await transaction.query({
    name: 'wallets-insert-transfers',
    text: `
      insert into wallet_transfers (id, user_id, from_wallet_id, to_wallet_id, amount, fee, currency, fee_payer)
      select *
      from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[])`,
    values: [
      transfers.map(({ transferId }) => transferId),
      transfers.map(({ userId }) => userId),
      transfers.map(({ fromWalletId }) => fromWalletId),
      transfers.map(({ toWalletId }) => toWalletId),
      transfers.map(({ amountMinor }) => amountMinor),
      transfers.map(({ feeMinor }) => feeMinor),
      transfers.map(({ currency }) => currency),
      transfers.map(({ feePayer }) => feePayer),
    ],
  });
}

/** After a crash, the server may assign an id again, but not with the same time. */
export async function isTransferWritten(
  queryable: Queryable,
  { transferId, createdAt }: TransferName,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from wallet_transfers where id = $1 and date_trunc('milliseconds', created_at) = $2`,
    [transferId, createdAt],
  );
  return rowCount === 1;
}

export async function findTransfer(knex: Knex, transferId: bigint): Promise<Transfer | undefined> {
  const { rows } = await knex.raw(
    `
    select id as "transferId", user_id as "userId", from_wallet_id as "fromWalletId", to_wallet_id as "toWalletId",
           amount as "amountMinor", fee as "feeMinor", fee_payer as "feePayer", currency, created_at as "createdAt"
    from wallet_transfers
    where id = :transferId`,
    { transferId },
  );
  return rows[0];
}
