import type { Knex } from '../../database/database.ts';
import {
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
} from '../../database/list-page.sql.ts';
import type { Quote } from './quote.ts';
import { QUOTE_COLUMNS, type QuoteRow, toQuote } from './quotes.sql.ts';

/** `open`: it can still be used. `used`: it is a conversion. `expired`: it was not used in time. */
export const QUOTE_STATES = ['open', 'used', 'expired'] as const;
type QuoteListState = (typeof QUOTE_STATES)[number] | 'all';

export interface QuoteFilter extends CreatedFilter {
  readonly state: QuoteListState;
  readonly userId?: bigint | undefined;
  readonly fromCurrency?: string | undefined;
  readonly toCurrency?: string | undefined;
}

/** A quote, and whether it has expired by the clock of the database. */
export interface ListedQuote extends Quote {
  readonly hasExpired: boolean;
}

const STATE_CONDITIONS: Readonly<Record<QuoteListState, string | undefined>> = {
  open: 'quote.used_at is null and quote.expires_at > now()',
  used: 'quote.used_at is not null',
  expired: 'quote.used_at is null and quote.expires_at <= now()',
  all: undefined,
};

/** Lists quotes, newest first. Those that were used are the conversions; of the others, old ones have been removed. */
export async function listQuotes(knex: Knex, query: QuoteFilter & PageQuery): Promise<Page<ListedQuote>> {
  const page = await readPage<QuoteRow & { readonly hasExpired: boolean }>(knex, quotePageParts(query));
  return { ...page, items: page.items.map(({ hasExpired, ...row }) => ({ ...toQuote(row), hasExpired })) };
}

export function quotePageParts(query: QuoteFilter & PageQuery): PageParts {
  const { state, userId, fromCurrency, toCurrency } = query;
  return {
    query,
    walk: {
      from: 'conversion_quotes as listed',
      id: 'listed.id',
      where: [userId === undefined ? undefined : 'listed.user_id = :userId'],
      as: 'quote',
      columns: 'listed.*',
      createdAt: 'listed.created_at',
    },
    select: `select ${QUOTE_COLUMNS}, expires_at <= now() as "hasExpired"`,
    filters: [
      STATE_CONDITIONS[state],
      fromCurrency === undefined ? undefined : 'quote.from_currency = :fromCurrency',
      toCurrency === undefined ? undefined : 'quote.to_currency = :toCurrency',
    ],
    values: {
      userId: userId ?? null,
      fromCurrency: fromCurrency ?? null,
      toCurrency: toCurrency ?? null,
    },
  };
}
