import type { Knex, Queryable, Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import type { DecidedRate } from './decide-rates.ts';
import type { ExchangeRate, RateState } from './exchange-rate.ts';
import type { RateSource } from './rate-provider.ts';

/** Locks of other kinds have other numbers. */
const RATES_OF_A_SOURCE = 7303;

interface RateRow extends Omit<ExchangeRate, 'value'> {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const COLUMNS = `
  id, source, base, quote, state, is_first as "isFirst", numerator, denominator, as_of as "asOf", fetched_at as "fetchedAt",
  approved_at as "approvedAt", approved_by as "approvedBy", approved_reason as "approvedReason",
  refused_at as "refusedAt", refused_by as "refusedBy", refused_reason as "refusedReason"`;

const toRate = ({ numerator, denominator, ...row }: RateRow): ExchangeRate => ({
  ...row,
  value: { numerator, denominator },
});

/** All rates of a source (at most a few hundred), with the database's time. */
export async function listRates(
  knex: Knex,
  source: RateSource,
): Promise<{ readonly rates: ExchangeRate[]; readonly now: Date }> {
  const { rows } = await knex.raw(
    `
    select ${COLUMNS}, now() as now
    from exchange_rates
    where source = :source
    order by base, quote, state`,
    { source },
  );
  return {
    rates: rows.map(({ now: _now, ...row }: RateRow & { readonly now: Date }) => toRate(row)),
    now: rows[0]?.now ?? new Date(),
  };
}

/** How many rates of a source wait for an operator. */
export async function countHeldRates(queryable: Queryable, source: RateSource): Promise<number> {
  const { rows } = await queryable.query<{ readonly count: number }>({
    name: 'conversions-count-held-rates',
    text: `select count(*)::int as count from exchange_rates where source = $1 and state = 'held'`,
    values: [source],
  });
  return rows[0]?.count ?? 0;
}

/** The rates of a source for some currencies, from any base. */
export async function listRatesOf(
  queryable: Queryable,
  { source, currencies }: { readonly source: RateSource; readonly currencies: readonly string[] },
): Promise<ExchangeRate[]> {
  const { rows } = await queryable.query<RateRow>({
    name: 'conversions-list-rates-of',
    text: `
      select ${COLUMNS}
      from exchange_rates
      where source = $1 and quote = any ($2::text[])`,
    values: [source, currencies],
  });
  return rows.map(toRate);
}

export async function findRate(
  knex: Knex,
  id: bigint,
): Promise<{ readonly rate: ExchangeRate; readonly now: Date } | undefined> {
  const { rows } = await knex.raw(`select ${COLUMNS}, now() as now from exchange_rates where id = :id`, {
    id,
  });
  if (!rows[0]) return undefined;
  const { now, ...row } = rows[0];
  return { rate: toRate(row), now };
}

/**
 * Locks what is known of a source's pairs, for any base, and reads it. Processes that store rates take turns, also while there is no row that
 * could be locked: otherwise two could each take theirs for the first. An operator's decision locks the rows, in the order of their ids.
 */
export async function lockRates(transaction: Transaction, source: RateSource): Promise<ExchangeRate[]> {
  const [, { rows }] = await sentTogether([
    transaction.query({
      name: 'conversions-take-turn-with-rates',
      text: 'select pg_advisory_xact_lock($1::int, hashtext($2::text))',
      values: [RATES_OF_A_SOURCE, source],
    }),
    transaction.query<RateRow>({
      name: 'conversions-lock-rates',
      text: `
        select ${COLUMNS}
        from exchange_rates
        where source = $1
        order by id
        for update`,
      values: [source],
    }),
  ]);
  return rows.map(toRate);
}

export interface RatesToStore {
  readonly source: RateSource;
  readonly base: string;
  readonly asOf: Date;
  readonly rates: readonly DecidedRate[];
}

/** Stores rates that are used from now on, and drops the held and refused rates of their pairs: the source has come back to what was
 * known. */
export async function storeCurrentRates(
  transaction: Transaction,
  { source, base, asOf, rates }: RatesToStore,
): Promise<void> {
  await transaction.query(
    `delete from exchange_rates where source = $1 and base = $2 and state <> 'current' and quote = any ($3::text[])`,
    [source, base, rates.map(({ quote }) => quote)],
  );
  // Who approved a rate, and whether it is the first, stays with it for as long as the number is the same.
  await transaction.query(
    `insert into exchange_rates as known (source, base, state, as_of, quote, numerator, denominator, is_first)
     select $1, $2, 'current', $3, *
     from unnest($4::text[], $5::bigint[], $6::bigint[], $7::boolean[]) as t (quote, numerator, denominator, is_first)
     order by quote
     on conflict (source, base, quote, state) do update
     set numerator = excluded.numerator, denominator = excluded.denominator,
         as_of = excluded.as_of, fetched_at = excluded.fetched_at,
         is_first = known.is_first and known.numerator = excluded.numerator and known.denominator = excluded.denominator,
         approved_at = case when known.numerator = excluded.numerator and known.denominator = excluded.denominator
                            then known.approved_at end,
         approved_by = case when known.numerator = excluded.numerator and known.denominator = excluded.denominator
                            then known.approved_by end,
         approved_reason = case when known.numerator = excluded.numerator and known.denominator = excluded.denominator
                                then known.approved_reason end
     where known.as_of <= excluded.as_of`,
    [source, base, asOf, ...columnsOf(rates), rates.map(({ fate }) => fate === 'first')],
  );
}

/** Stores rates that wait for an operator. Another number is another row, with another id, and is asked about whatever was refused before. */
export async function storeHeldRates(
  transaction: Transaction,
  { source, base, asOf, rates }: RatesToStore,
): Promise<void> {
  await transaction.query(
    `delete from exchange_rates as known
     using unnest($3::text[], $4::bigint[], $5::bigint[]) as t (quote, numerator, denominator)
     where known.source = $1 and known.base = $2 and known.quote = t.quote
       and (known.state = 'refused'
            or known.state = 'held' and (known.numerator, known.denominator) <> (t.numerator, t.denominator))`,
    [source, base, ...columnsOf(rates)],
  );
  await transaction.query(
    `insert into exchange_rates (source, base, state, as_of, quote, numerator, denominator)
     select $1, $2, 'held', $3, *
     from unnest($4::text[], $5::bigint[], $6::bigint[]) as t (quote, numerator, denominator)
     order by quote
     on conflict (source, base, quote, state) do update
     set as_of = excluded.as_of, fetched_at = excluded.fetched_at`,
    [source, base, asOf, ...columnsOf(rates)],
  );
}

/** The source repeats what was refused. */
export async function storeRefusedRates(
  transaction: Transaction,
  { source, base, asOf, rates }: RatesToStore,
): Promise<void> {
  await transaction.query(
    `update exchange_rates
     set as_of = $3, fetched_at = now()
     where source = $1 and base = $2 and state = 'refused' and quote = any ($4::text[])`,
    [source, base, asOf, rates.map(({ quote }) => quote)],
  );
}

function columnsOf(rates: readonly DecidedRate[]): [string[], bigint[], bigint[]] {
  return [
    rates.map(({ quote }) => quote),
    rates.map(({ value }) => value.numerator),
    rates.map(({ value }) => value.denominator),
  ];
}

/**
 * Approves a held rate: it replaces the one in use.
 * @returns whether it was held.
 */
export async function approveHeldRate(
  transaction: Transaction,
  { id, by, reason }: { readonly id: bigint; readonly by: string; readonly reason: string | null },
): Promise<boolean> {
  const pair = await lockPairOf(transaction, id);
  if (!pair.some((row) => row.id === id && row.state === 'held')) return false;
  await transaction.query(`delete from exchange_rates where id = any ($1::bigint[])`, [
    pair.filter(({ state }) => state === 'current').map((row) => row.id),
  ]);
  await transaction.query(
    `update exchange_rates
     set state = 'current', approved_at = now(), approved_by = $2, approved_reason = $3
     where id = $1`,
    [id, by, reason],
  );
  return true;
}

/** Locks what is known of a rate's pair, in the order in which a fetch locks it. */
async function lockPairOf(
  transaction: Transaction,
  id: bigint,
): Promise<{ readonly id: bigint; readonly state: RateState }[]> {
  const { rows } = await transaction.query<{ id: bigint; state: RateState }>(
    `select known.id, known.state
     from exchange_rates as known
     join exchange_rates as wanted using (source, base, quote)
     where wanted.id = $1
     order by known.id
     for update of known`,
    [id],
  );
  return rows;
}

/**
 * Refuses a held rate: the one in use stays, and this number is not asked about again while the source repeats it.
 * @returns whether it was held.
 */
export async function refuseHeldRate(
  transaction: Transaction,
  { id, by, reason }: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const pair = await lockPairOf(transaction, id);
  if (!pair.some((row) => row.id === id && row.state === 'held')) return false;
  await transaction.query(
    `update exchange_rates
     set state = 'refused', refused_at = now(), refused_by = $2, refused_reason = $3
     where id = $1`,
    [id, by, reason],
  );
  return true;
}

/** Whether this refusal was written, after a lost COMMIT. */
export async function isRefused(
  queryable: Queryable,
  { id, by }: { readonly id: bigint; readonly by: string },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from exchange_rates where id = $1 and state = 'refused' and refused_by = $2`,
    [id, by],
  );
  return rowCount === 1;
}

/** Whether this approval was written, after a lost COMMIT. */
export async function isApproved(
  queryable: Queryable,
  { id, by }: { readonly id: bigint; readonly by: string },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from exchange_rates where id = $1 and state = 'current' and approved_by = $2`,
    [id, by],
  );
  return rowCount === 1;
}
