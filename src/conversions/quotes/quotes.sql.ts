import type { Knex, Queryable, Transaction } from '../../database/database.ts';
import type { WalletState } from '../../ledger/wallet-state.ts';
import type { RateSource } from '../rates/rate-provider.ts';
import type { OfferFacts, OfferRequest } from './decide-offer.ts';
import type { Quote } from './quote.ts';

/** Locks of other kinds have other numbers. */
const QUOTES_OF_A_USER = 7301;

/** Lets a user's requests for quotes take turns, so that each counts the quotes of the one before. The running role cannot lock rows of users. */
export async function takeTurn(transaction: Transaction, userId: bigint): Promise<void> {
  await transaction.query({
    name: 'conversions-take-turn',
    text: 'select pg_advisory_xact_lock($1, hashint8($2))',
    values: [QUOTES_OF_A_USER, userId],
  });
}

/**
 * Removes quotes of a user that can no longer be taken. Those that were used stay, and so do those that a request with a key was refused for:
 * that key finds its answer through them.
 */
export async function removeExpired(transaction: Transaction, userId: bigint): Promise<void> {
  await transaction.query({
    name: 'conversions-remove-expired',
    text: `
      delete from conversion_quotes
      where user_id = $1 and used_at is null and refused_at is null and expires_at < now() - interval '1 day'`,
    values: [userId],
  });
}

export async function readOfferFacts(
  transaction: Transaction,
  { userId, fromCurrency, toCurrency, fromWalletId, toWalletId }: OfferRequest,
): Promise<Omit<OfferFacts, 'rates'>> {
  const { rows } = await transaction.query<OfferRow>({
    name: 'conversions-read-offer-facts',
    text: `
      select exists (select 1 from users where id = $1) as "hasUser",
             from_wallet.id as "fromWalletId", from_wallet.state as "fromState",
             to_wallet.id as "toWalletId", to_wallet.state as "toState",
             (
               select count(*)::int
               from conversion_quotes
               where user_id = $1 and used_at is null and expires_at > clock.at
             ) as "openCount",
             clock.at as now
      from (select clock_timestamp() as at) as clock
      left join accounts as from_wallet on ${isMeant('from_wallet', '$2', '$4')}
      left join accounts as to_wallet on ${isMeant('to_wallet', '$3', '$5')}`,
    values: [userId, fromCurrency, toCurrency, fromWalletId, toWalletId],
  });
  const { hasUser, openCount, now, ...row } = rows[0] as OfferRow;
  const walletOf = (walletId: bigint | null, state: WalletState | null) =>
    walletId === null || state === null ? null : { walletId, state };
  return {
    hasUser,
    openCount,
    now,
    fromWallet: walletOf(row.fromWalletId, row.fromState),
    toWallet: walletOf(row.toWalletId, row.toState),
  };
}

interface OfferRow extends Pick<OfferFacts, 'hasUser' | 'openCount' | 'now'> {
  readonly fromWalletId: bigint | null;
  readonly fromState: WalletState | null;
  readonly toWalletId: bigint | null;
  readonly toState: WalletState | null;
}

/** The wallet of the user in a currency that has this id, or without one the wallet without a name. */
function isMeant(wallet: string, currency: string, walletId: string): string {
  return `${wallet}.user_id = $1 and ${wallet}.currency = ${currency}
        and case when ${walletId}::bigint is null then ${wallet}.name = '' else ${wallet}.id = ${walletId} end`;
}

type NewQuote = Omit<Quote, 'id' | 'createdAt' | 'expiresAt' | 'usedAt'>;

/** Writes a quote, which expires `validMs` after now by the database's clock. */
export async function insertQuote(
  transaction: Transaction,
  quote: NewQuote,
  { validMs }: { readonly validMs: number },
): Promise<Quote> {
  const { rows } = await transaction.query<Pick<Quote, 'id' | 'createdAt' | 'expiresAt'>>({
    name: 'conversions-insert-quote',
    text: `
      insert into conversion_quotes (
        token, user_id, from_wallet_id, to_wallet_id, from_currency, to_currency, fixed_side, from_amount, to_amount, spread_amount,
        mid_numerator, mid_denominator, spread_numerator, spread_denominator, rate_source, rate_as_of, created_at, expires_at
      )
      select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, clock.at, clock.at + $17 * interval '1 millisecond'
      from (select clock_timestamp() as at) as clock
      returning id, created_at as "createdAt", expires_at as "expiresAt"`,
    values: [
      quote.token,
      quote.userId,
      quote.fromWalletId,
      quote.toWalletId,
      quote.fromCurrency,
      quote.toCurrency,
      quote.fixedSide,
      quote.fromMinor,
      quote.toMinor,
      quote.spreadMinor,
      quote.mid.numerator,
      quote.mid.denominator,
      quote.spread.numerator,
      quote.spread.denominator,
      quote.rateSource,
      quote.rateAsOf,
      validMs,
    ],
  });
  return { ...quote, ...(rows[0] as Pick<Quote, 'id' | 'createdAt' | 'expiresAt'>), usedAt: null };
}

export interface QuoteRow extends Omit<Quote, 'mid' | 'spread' | 'rateSource'> {
  readonly rateSource: RateSource;
  readonly midNumerator: string;
  readonly midDenominator: string;
  readonly spreadNumerator: bigint;
  readonly spreadDenominator: bigint;
}

/** The columns of a `QuoteRow`. */
export const QUOTE_COLUMNS = `
  id, token, user_id as "userId", from_wallet_id as "fromWalletId", to_wallet_id as "toWalletId",
  from_currency as "fromCurrency", to_currency as "toCurrency", fixed_side as "fixedSide",
  from_amount as "fromMinor", to_amount as "toMinor", spread_amount as "spreadMinor",
  mid_numerator::text as "midNumerator", mid_denominator::text as "midDenominator",
  spread_numerator as "spreadNumerator", spread_denominator as "spreadDenominator",
  rate_source as "rateSource", rate_as_of as "rateAsOf", created_at as "createdAt", expires_at as "expiresAt", used_at as "usedAt"`;

export async function findQuote(knex: Knex, token: string): Promise<Quote | undefined> {
  return await findOne(knex, 'token = :value', token);
}

/** Finds quotes by their tokens: one for each token in order, undefined for a token that no quote has. */
export async function readQuotes(
  queryable: Queryable,
  tokens: readonly string[],
): Promise<(Quote | undefined)[]> {
  const { rows } = await queryable.query<QuoteRow | Record<keyof QuoteRow, null>>({
    name: 'conversions-read-quotes',
    text: `
      select quote.*
      from unnest($1::uuid[]) with ordinality as asked (token, position)
      left join lateral (
        select ${QUOTE_COLUMNS} from conversion_quotes where token = asked.token limit 1
      ) as quote on true
      order by asked.position`,
    values: [tokens],
  });
  return rows.map((row) => (row.id === null ? undefined : toQuote(row)));
}

/** A used quote, by the id of its conversion. */
export async function findConversion(knex: Knex, id: bigint): Promise<Quote | undefined> {
  return await findOne(knex, 'id = :value and used_at is not null', id);
}

async function findOne(knex: Knex, where: string, value: string | bigint): Promise<Quote | undefined> {
  const { rows } = await knex.raw(`select ${QUOTE_COLUMNS} from conversion_quotes where ${where}`, { value });
  return rows[0] && toQuote(rows[0]);
}

export function toQuote(row: QuoteRow): Quote {
  const { midNumerator, midDenominator, spreadNumerator, spreadDenominator, ...others } = row;
  return {
    ...others,
    mid: { numerator: BigInt(midNumerator), denominator: BigInt(midDenominator) },
    spread: { numerator: spreadNumerator, denominator: spreadDenominator },
  };
}

/** Whether a quote exists, after a lost COMMIT. */
export async function isQuoteWritten(queryable: Queryable, token: string): Promise<boolean> {
  const { rowCount } = await queryable.query('select 1 from conversion_quotes where token = $1', [token]);
  return rowCount === 1;
}
