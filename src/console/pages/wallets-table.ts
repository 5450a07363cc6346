import type { Wallet } from '../answers.ts';
import { html } from '../html.ts';
import { Words } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import { WALLET_COLUMNS, walletPlace } from './wallet-list.ts';

/** The wallets of a user by currency, each with a link to its statement; nothing where there is only one. */
export function WalletsTable({
  wallets,
  shown,
}: {
  readonly wallets: readonly Wallet[];
  /** The one whose statement is on the page. */
  readonly shown: Wallet;
}) {
  if (wallets.length < 2) return null;
  const columns: readonly Column<Wallet>[] = [
    {
      label: 'Currency',
      cell: (wallet) =>
        html`<a href=${walletPlace(wallet)} aria-current=${wallet.id === shown.id ? 'true' : undefined}>${wallet.currency}${wallet.name !== null && html`, <${Words}>${wallet.name}</${Words}>`}</a>`,
    },
    ...WALLET_COLUMNS,
  ];
  return html`<${Table} caption="Wallets of the user, by currency" columns=${columns} rows=${wallets} keyOf=${({ id }: Wallet) => id} empty="This user has no wallets." />
    <h2>Wallet in ${shown.currency}</h2>`;
}
