import type { StatementLine, Wallet } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Choice, DayField } from '../fields.ts';
import { formatName } from '../format.ts';
import { html } from '../html.ts';
import { ConversionLink, Money, PaymentLink, Time, Words } from '../parts.ts';
import { readForm } from '../read-form.ts';
import { goOrReload, type Route } from '../route.ts';
import { type Column, Table } from '../table.ts';
import { useList, useReloadWith } from '../use-api.ts';

const KINDS = [
  ['', 'everything'],
  ['payment', 'payments'],
  ['hold', 'captured orders'],
  ['transfer', 'transfers'],
  ['conversion', 'conversions'],
  ['user', 'opening balance'],
] as const;

const COLUMNS: readonly Column<StatementLine>[] = [
  { label: 'Posted', cell: ({ at }) => html`<${Time} at=${at} />` },
  { label: 'What for', kind: 'text', cell: describeLine },
  {
    label: 'Amount',
    kind: 'number',
    cell: ({ amount_minor, currency }) => html`<${Money} minor=${amount_minor} currency=${currency} />`,
  },
  {
    label: 'Balance after',
    kind: 'number',
    cell: ({ balance_after_minor, currency }) =>
      html`<${Money} minor=${balance_after_minor} currency=${currency} />`,
  },
];

/**
 * What was posted to a wallet, by what for and when.
 * @param changing a value that is another one when something was posted.
 */
export function Statement({
  wallet,
  changing,
  route: { path: place, query },
}: {
  readonly wallet: Wallet;
  readonly changing: string;
  readonly route: Route;
}) {
  const { kind = '', since = '', until = '' } = query;
  const statement = useList<StatementLine>(`/api/v1/wallets/${wallet.id}/statement`, {
    kind,
    created_after: startOf(since),
    created_before: startOf(until, { daysLater: 1 }),
  });
  useReloadWith(changing, statement.reload);
  function filter(event: Event): void {
    event.preventDefault();
    const form = (event.target as HTMLElement).closest('form');
    if (!form) return;
    const chosen = queryOf({ wallet: wallet.id, ...readForm(form) });
    goOrReload(`/${place.map(encodeURIComponent).join('/')}${chosen}`, statement.reload);
  }
  const isFiltered = kind !== '' || since !== '' || until !== '';
  return html`<h2>Statement</h2>
    <form class="search" onSubmit=${filter} onChange=${filter}>
      <${Choice} label="What for" name="kind" value=${kind} options=${KINDS} />
      <${DayField} name="since" label="From day" value=${since} />
      <${DayField} name="until" label="To day" value=${until} />
    </form>
    <${Table} caption="Postings, newest first" columns=${COLUMNS} rows=${statement.items} keyOf=${({ transaction_id }: StatementLine) => transaction_id} error=${statement.error}
      retry=${statement.reload} more=${statement.more} empty=${isFiltered ? 'No posting matches.' : 'Nothing has been posted to this wallet yet.'} />`;
}

function describeLine({
  payment_id: payment,
  order_id: order,
  transfer_id: transfer,
  conversion_id: conversion,
  step,
  reference,
}: StatementLine) {
  if (order !== null) return html`order <${Words}>${order}</${Words}> (captured)`;
  if (payment !== null) return html`payment <${PaymentLink} id=${payment} /> (${formatName(step)})`;
  if (conversion !== null) return html`conversion <${ConversionLink} id=${conversion} />`;
  if (transfer !== null) return `transfer ${transfer}`;
  if (reference.startsWith('user:')) return 'opening balance';
  return html`${formatName(step)} (<${Words}>${reference}</${Words}>)`;
}

/** The moment at which a day begins in the browser's time zone; undefined where none is given. */
function startOf(day: string, { daysLater = 0 } = {}): string | undefined {
  const start = new Date(`${day}T00:00`);
  if (Number.isNaN(start.getTime())) return undefined;
  start.setDate(start.getDate() + daysLater);
  return start.toISOString();
}
