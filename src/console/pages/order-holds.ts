import type { OrderHold } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.ts';
import { Choice, CurrencyField, UserField, WalletField } from '../fields.ts';
import { html } from '../html.ts';
import { MoneyNav } from '../money-nav.ts';
import { Money, Time, UserLink, WalletLink, Words } from '../parts.ts';
import { readFilters } from '../read-form.ts';
import { goOrReload, type Route } from '../route.ts';
import { type Column, Table } from '../table.ts';
import { useList } from '../use-api.ts';

const STATES = [
  ['open', 'open'],
  ['overdue', 'expiring'],
  ['ended', 'ended'],
  ['captured', 'ended by a capture'],
  ['released', 'ended by a release'],
  ['expired', 'ended by their time'],
  ['all', 'all'],
] as const;

const amount = (
  label: string,
  member: 'amount_minor' | 'captured_minor' | 'released_minor' | 'remaining_minor',
) => ({
  label,
  kind: 'number' as const,
  cell: (hold: OrderHold) => html`<${Money} minor=${hold[member]} currency=${hold.currency} />`,
});
const COLUMNS: readonly Column<OrderHold>[] = [
  { label: 'Order', kind: 'text', cell: ({ order_id }) => html`<${Words}>${order_id}</${Words}>` },
  { label: 'User', cell: ({ user_id }) => html`<${UserLink} id=${user_id} />` },
  {
    label: 'Wallet',
    cell: ({ wallet_id, user_id }) =>
      html`<${WalletLink} user=${user_id} id=${wallet_id}>${wallet_id}</${WalletLink}>`,
  },
  amount('Held', 'amount_minor'),
  amount('Captured', 'captured_minor'),
  amount('Released', 'released_minor'),
  amount('Still held', 'remaining_minor'),
  {
    label: 'State',
    cell: ({ status }) => html`<${Badge} of="hold" state=${status} isSaid />`,
  },
  { label: 'Since', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
  {
    label: 'Until',
    cell: ({ resolved_at, expires_at }) => html`<${Time} at=${resolved_at ?? expires_at} />`,
  },
];

export function OrderHoldsPage({ route: { query } }: { readonly route: Route }) {
  const { state = 'open', user_id = '', wallet_id = '', currency = '' } = query;
  const list = useList<OrderHold>('/api/v1/order-holds', { state, user_id, wallet_id, currency });
  function filter(event: Event): void {
    event.preventDefault();
    const form = (event.target as HTMLElement).closest('form');
    if (form) goOrReload(`/holds${queryOf(readFilters(form))}`, list.reload);
  }
  return html`<${MoneyNav} page="holds" />
    <h1>Holds for orders</h1>
    <p>Money that is reserved in a wallet for an order. It stays the user's until it is captured, and goes back when it is
      released or its time is over. One that is expiring can no longer be captured; its money goes back in a moment.</p>
    <form class="search" onSubmit=${filter} onChange=${filter}>
      <${Choice} label="State" name="state" value=${state} options=${STATES} />
      <${UserField} value=${user_id} error=${list.error?.ofField('user_id')} isSearch />
      <${WalletField} value=${wallet_id} error=${list.error?.ofField('wallet_id')} />
      <${CurrencyField} value=${currency} error=${list.error?.ofField('currency')} />
      <button type="submit">Show</button>
    </form>
    <${Table} caption="Holds for orders, newest first" columns=${COLUMNS} rows=${list.items} error=${list.error}
      keyOf=${({ user_id: user, order_id: order }: OrderHold) => `${user} ${order}`} retry=${list.reload} more=${list.more}
      empty=${EMPTY[state] ?? 'No hold matches.'} />`;
}

const EMPTY: Readonly<Record<string, string>> = {
  open: 'Nothing is held that matches. A hold appears here when an order reserves money.',
  overdue: 'No hold is expiring. All money whose time was over has gone back to its wallet.',
};
