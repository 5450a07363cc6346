import type { Wallet } from '../answers.ts';
import type { CallError } from '../api.ts';
import { html } from '../html.ts';
import { Failure, Money, Time } from '../parts.ts';
import { type Column, Table } from '../table.ts';

/** The wallets of a user by currency, each with a link to its statement; nothing where there is only one. */
export function WalletsTable({
  userId,
  wallets,
  shown,
  error,
  retry,
}: {
  readonly userId: string;
  readonly wallets: readonly Wallet[] | undefined;
  /** The currency of the one whose statement is on the page. */
  readonly shown: string;
  readonly error: CallError | undefined;
  readonly retry: () => void;
}) {
  if (!wallets) return error ? html`<${Failure} error=${error} retry=${retry} />` : null;
  if (wallets.length < 2) return null;
  const amount = (label: string, member: 'balance_minor' | 'available_minor' | 'held_minor') => ({
    label,
    kind: 'number' as const,
    cell: (wallet: Wallet) => html`<${Money} minor=${wallet[member]} currency=${wallet.currency} />`,
  });
  const columns: readonly Column<Wallet>[] = [
    {
      label: 'Currency',
      cell: ({ currency }) =>
        html`<a href=${`#/wallets/${encodeURIComponent(userId)}?currency=${currency}`} aria-current=${currency === shown ? 'true' : undefined}>${currency}</a>`,
    },
    amount('Balance', 'balance_minor'),
    amount('Available', 'available_minor'),
    amount('Held', 'held_minor'),
    { label: 'Opened', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
  ];
  return html`<${Table} caption="Wallets of the user, by currency" columns=${columns} rows=${wallets} keyOf=${({ id }: Wallet) => id} error=${error} retry=${retry} empty="This user has no wallets." />
    <h2>Wallet in ${shown}</h2>`;
}
