import type { Wallet } from '../answers.ts';
import { Badge } from '../badge.ts';
import { html } from '../html.ts';
import { Money, Time, UserLink, Words } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import type { useList } from '../use-api.ts';

const amount = (label: string, member: 'balance_minor' | 'available_minor' | 'held_minor') => ({
  label,
  kind: 'number' as const,
  cell: (wallet: Wallet) => html`<${Money} minor=${wallet[member]} currency=${wallet.currency} />`,
});

/** The page of a wallet, which is a part of the page of its user. */
export const walletPlace = ({ id, user_id }: Pick<Wallet, 'id' | 'user_id'>) =>
  `#/wallets/${user_id}?wallet=${id}`;

/** The amounts of a wallet, and when it was opened. */
export const WALLET_COLUMNS: readonly Column<Wallet>[] = [
  amount('Balance', 'balance_minor'),
  amount('Available', 'available_minor'),
  amount('Held', 'held_minor'),
  { label: 'State', cell: ({ state }) => html`<${Badge} of="wallet" state=${state} isSaid />` },
  { label: 'Opened', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
];

const COLUMNS: readonly Column<Wallet>[] = [
  {
    label: 'Wallet',
    cell: ({ id, user_id, currency, name }) =>
      html`<a href=${walletPlace({ id, user_id })}>${id} (${currency}${name === null ? '' : html`, <${Words}>${name}</${Words}>`})</a>`,
  },
  { label: 'User', cell: ({ user_id }) => html`<${UserLink} id=${user_id} />` },
  ...WALLET_COLUMNS,
];

/** All wallets, or those in one currency. */
export function WalletList({ list }: { readonly list: ReturnType<typeof useList<Wallet>> }) {
  return html`<${Table} caption="Wallets, newest first" columns=${COLUMNS} rows=${list.items} keyOf=${({ id }: Wallet) => id} error=${list.error}
    retry=${list.reload} more=${list.more} empty="No wallet matches. A wallet is opened with its user." />`;
}
