import type { Quote } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.ts';
import { Choice, CurrencyField, UserField } from '../fields.ts';
import { html } from '../html.ts';
import { MoneyNav } from '../money-nav.ts';
import { ConversionLink, Money, Time, UserLink } from '../parts.ts';
import { readFilters } from '../read-form.ts';
import { goOrReload, type Route } from '../route.ts';
import { type Column, Table } from '../table.ts';
import { useList } from '../use-api.ts';

const STATES = [
  ['used', 'converted'],
  ['open', 'open quotes'],
  ['expired', 'expired quotes'],
  ['all', 'all quotes'],
] as const;

const COLUMNS: readonly Column<Quote>[] = [
  {
    label: 'Conversion',
    cell: ({ conversion_id: id }) => (id === null ? 'none' : html`<${ConversionLink} id=${id} />`),
  },
  { label: 'User', cell: ({ user_id }) => html`<${UserLink} id=${user_id} />` },
  {
    label: 'Given',
    kind: 'number',
    cell: ({ amount_minor, from }) => html`<${Money} minor=${amount_minor} currency=${from} />`,
  },
  {
    label: 'Got',
    kind: 'number',
    cell: ({ to_amount_minor, to }) => html`<${Money} minor=${to_amount_minor} currency=${to} />`,
  },
  {
    label: 'Spread',
    kind: 'number',
    cell: ({ spread_minor, spread_currency }) =>
      html`<${Money} minor=${spread_minor} currency=${spread_currency} />`,
  },
  {
    label: 'State',
    cell: ({ state }) => html`<${Badge} of="quote" state=${state === 'used' ? 'converted' : state} isSaid />`,
  },
  { label: 'Quoted', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
  {
    label: 'Converted or expired',
    cell: ({ converted_at, expires_at }) => html`<${Time} at=${converted_at ?? expires_at} />`,
  },
];

export function ConversionsPage({ route: { query } }: { readonly route: Route }) {
  const { state = 'used', user_id = '', from = '', to = '' } = query;
  const list = useList<Quote>('/api/v1/currency/quotes', { state, user_id, from, to });
  const { error } = list;
  function filter(event: Event): void {
    event.preventDefault();
    const form = (event.target as HTMLElement).closest('form');
    if (form) goOrReload(`/conversions${queryOf(readFilters(form))}`, list.reload);
  }
  return html`<${MoneyNav} page="conversions" />
    <h1>Conversions</h1>
    <p>A quote fixes both amounts for a short time. If the user takes it in time, it becomes a conversion.</p>
    <form class="search" onSubmit=${filter} onChange=${filter}>
      <${Choice} label="Show" name="state" value=${state} options=${STATES} />
      <${UserField} value=${user_id} error=${error?.ofField('user_id')} isSearch />
      <${CurrencyField} name="from" label="From" value=${from} error=${error?.ofField('from')} />
      <${CurrencyField} name="to" label="To" value=${to} error=${error?.ofField('to')} />
      <button type="submit">Show</button>
    </form>
    <${Table} caption="Quotes, newest first" columns=${COLUMNS} rows=${list.items} error=${error}
      keyOf=${({ quote_id }: Quote) => quote_id} retry=${list.reload} more=${list.more}
      empty=${state === 'used' ? 'No conversion matches.' : 'No quote matches. Quotes that nobody took are removed after a while.'} />`;
}
