import type { Transaction } from '../../database/database.ts';

/** A transfer between two wallets, and what the ledger says about it, at one moment. */
export interface TransferFacts {
  readonly transferId: bigint;
  /** null where there is no such transfer. */
  readonly amountMinor: bigint | null;
  readonly feeMinor: bigint | null;
  readonly feePayer: string | null;
  readonly currency: string | null;
  /** Both wallets are in the currency of the transfer, and the one that gives is of its user. */
  readonly fitsWallets: boolean;
  readonly postCount: number;
  readonly otherStepCount: number;
  /** What its posting did to either wallet and to our fees, in minor units. */
  readonly fromPostedMinor: bigint;
  readonly toPostedMinor: bigint;
  readonly feePostedMinor: bigint;
}

const HEADERS = "ledger_transactions as header where header.reference = 'transfer:' || wanted.id";
const postedOn = (accountId: string) => `coalesce((
               select sum(entry.amount)
               from ledger_transactions as header
               join ledger_entries as entry on entry.account_id = ${accountId} and entry.transaction_id = header.id
               where header.reference = 'transfer:' || wanted.id
             ), 0)::bigint`;

const FEE_ACCOUNT =
  "(select id from accounts where user_id is null and kind = 'fee' and currency = transfer.currency)";

/** Transfers by their ids, whether there is such a transfer or not. */
export async function readTransferFacts(
  transaction: Transaction,
  transferIds: readonly bigint[],
): Promise<TransferFacts[]> {
  if (transferIds.length === 0) return [];
  const { rows } = await transaction.query<TransferFacts>(
    `select wanted.id as "transferId", transfer.amount as "amountMinor", transfer.fee as "feeMinor",
            transfer.fee_payer as "feePayer", transfer.currency,
            coalesce(giver.user_id = transfer.user_id and giver.currency = transfer.currency
                     and getter.user_id is not null and getter.currency = transfer.currency, false) as "fitsWallets",
            (select count(*) filter (where header.step = 'post')::int from ${HEADERS}) as "postCount",
            (select count(*) filter (where header.step <> 'post')::int from ${HEADERS}) as "otherStepCount",
            ${postedOn('transfer.from_wallet_id')} as "fromPostedMinor",
            ${postedOn('transfer.to_wallet_id')} as "toPostedMinor",
            ${postedOn(FEE_ACCOUNT)} as "feePostedMinor"
     from unnest($1::bigint[]) as wanted (id)
     left join wallet_transfers as transfer on transfer.id = wanted.id
     left join accounts as giver on giver.id = transfer.from_wallet_id
     left join accounts as getter on getter.id = transfer.to_wallet_id
     order by wanted.id`,
    [transferIds],
  );
  return rows;
}

/** Ids in ascending order. */
export async function selectTransferIds(
  transaction: Transaction,
  { afterId, limit }: { readonly afterId: bigint; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(
    'select id from wallet_transfers where id > $1 order by id limit $2',
    [afterId, limit],
  );
  return rows.map((row) => row.id);
}
