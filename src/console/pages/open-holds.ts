import type { Account, OrderHold } from '../answers.ts';
import { Badge } from '../badge.ts';
import { html } from '../html.ts';
import { Failure, Loading, Money, Time, Words } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import { useApi, useReloadWith } from '../use-api.ts';

const COLUMNS: readonly Column<OrderHold>[] = [
  { label: 'Order', kind: 'text', cell: ({ order_id }) => html`<${Words}>${order_id}</${Words}>` },
  {
    label: 'Still held',
    kind: 'number',
    cell: ({ remaining_minor, currency }) => html`<${Money} minor=${remaining_minor} currency=${currency} />`,
  },
  {
    label: 'Captured',
    kind: 'number',
    cell: ({ captured_minor, currency }) => html`<${Money} minor=${captured_minor} currency=${currency} />`,
  },
  { label: 'State', cell: ({ status }) => html`<${Badge} of="hold" state=${status} isSaid />` },
  { label: 'Held since', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
  { label: 'Held until', cell: ({ expires_at }) => html`<${Time} at=${expires_at} />` },
];

/**
 * What is held of a wallet for orders.
 * @param heldMinor what is held of the wallet in all; when it changes, so have the holds.
 */
export function OpenHolds({
  userId,
  walletId,
  heldMinor,
}: {
  readonly userId: string;
  readonly walletId: number;
  readonly heldMinor: string;
}) {
  const account = useApi<Account>(`/api/v1/accounts/${encodeURIComponent(userId)}?wallet_id=${walletId}`, {
    everyMs: 5000,
  });
  useReloadWith(heldMinor, account.reload);
  if (!account.data)
    return account.error
      ? html`<${Failure} error=${account.error} retry=${account.reload} />`
      : html`<${Loading} />`;
  const { holds, has_more_holds } = account.data;
  return html`<${Table} caption="Open holds, oldest first" columns=${COLUMNS} rows=${holds} keyOf=${({ order_id }: OrderHold) => order_id}
      error=${account.error} retry=${account.reload} empty="Nothing is held for orders." />
    ${has_more_holds && html`<p class="notice calm">There are more open holds. The oldest ${holds.length} are shown.</p>`}`;
}
