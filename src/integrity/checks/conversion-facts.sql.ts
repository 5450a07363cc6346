import type { Transaction } from '../../database/database.ts';

/** A conversion as it was quoted, and what the ledger says about it, at one moment. */
export interface ConversionFacts {
  readonly conversionId: bigint;
  /** null where there is no such quote. */
  readonly quoted: QuotedFacts | null;
  readonly settleCount: number;
  readonly otherStepCount: number;
  /** What its posting did to the accounts that it is about. */
  readonly posted: LegAmounts;
}

export interface QuotedFacts {
  readonly fromCurrency: string;
  readonly toCurrency: string;
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
  readonly spreadMinor: bigint;
  readonly isUsed: boolean;
  /** It was used before it expired. When it was offered says nothing: the clock may have been put back, or be another server's. */
  readonly isInTime: boolean;
}

/** Wallet, `fx` and fee in the currency that was given; `fx` and wallet in the other one. Minor units. */
export interface LegAmounts {
  readonly walletFrom: bigint;
  readonly fxFrom: bigint;
  readonly feeFrom: bigint;
  readonly fxTo: bigint;
  readonly walletTo: bigint;
}

const HEADERS = "ledger_transactions as header where header.reference = 'conversion:' || wanted.id";
/** The account is found by an index of its own, and its entries by the key that leads with it. */
const postedOn = (account: string) => `coalesce((
               select sum(entry.amount)
               from ledger_transactions as header
               join accounts as account on ${account}
               join ledger_entries as entry on entry.account_id = account.id and entry.transaction_id = header.id
               where header.reference = 'conversion:' || wanted.id
             ), 0)::bigint`;
/** The very wallet that was quoted: money that moved in another wallet of its user counts as not moved. */
const wallet = (side: 'from' | 'to') =>
  `account.id = quote.${side}_wallet_id and account.user_id = quote.user_id and account.currency = quote.${side}_currency`;
const ofSystem = (kind: 'fx' | 'fee', currency: string) =>
  `account.user_id is null and account.kind = '${kind}' and account.currency = quote.${currency}`;

/** Quotes by their ids, with what was posted for them, whether there is such a quote or not. */
export async function readConversionFacts(
  transaction: Transaction,
  conversionIds: readonly bigint[],
): Promise<ConversionFacts[]> {
  if (conversionIds.length === 0) return [];
  const { rows } = await transaction.query(
    `select wanted.id as "conversionId", quote.id is not null as "isThere",
            quote.from_currency as "fromCurrency", quote.to_currency as "toCurrency", quote.from_amount as "fromMinor",
            quote.to_amount as "toMinor", quote.spread_amount as "spreadMinor", quote.used_at is not null as "isUsed",
            coalesce(quote.used_at < quote.expires_at, false) as "isInTime",
            (select count(*) filter (where header.step = 'settle')::int from ${HEADERS}) as "settleCount",
            (select count(*) filter (where header.step <> 'settle')::int from ${HEADERS}) as "otherStepCount",
            ${postedOn(wallet('from'))} as "walletFrom",
            ${postedOn(ofSystem('fx', 'from_currency'))} as "fxFrom",
            ${postedOn(ofSystem('fee', 'from_currency'))} as "feeFrom",
            ${postedOn(ofSystem('fx', 'to_currency'))} as "fxTo",
            ${postedOn(wallet('to'))} as "walletTo"
     from unnest($1::bigint[]) as wanted (id)
     left join conversion_quotes as quote on quote.id = wanted.id
     order by wanted.id`,
    [conversionIds],
  );
  return rows.map((row) => {
    const { conversionId, settleCount, otherStepCount, isThere } = row;
    const { walletFrom, fxFrom, feeFrom, fxTo, walletTo } = row;
    const { fromCurrency, toCurrency, fromMinor, toMinor, spreadMinor, isUsed, isInTime } = row;
    const quoted = { fromCurrency, toCurrency, fromMinor, toMinor, spreadMinor, isUsed, isInTime };
    return {
      ...{ conversionId, settleCount, otherStepCount, quoted: isThere ? quoted : null },
      posted: { walletFrom, fxFrom, feeFrom, fxTo, walletTo },
    };
  });
}

/** Ids of quotes that were used, in ascending order. */
export async function selectConversionIds(
  transaction: Transaction,
  { afterId, limit }: { readonly afterId: bigint; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(
    'select id from conversion_quotes where id > $1 and used_at is not null order by id limit $2',
    [afterId, limit],
  );
  return rows.map((row) => row.id);
}
