import type { Payment, User, Wallet } from '../answers.ts';
import { html } from '../html.ts';
import { Facts, Failure, Loading, Money, Time, UserPlaces } from '../parts.ts';
import type { Route } from '../route.ts';
import { Table } from '../table.ts';
import { useApi, useList, useReloadWith } from '../use-api.ts';
import { OpenHolds } from './open-holds.ts';
import { paymentColumns } from './payments.ts';
import { Statement } from './statement.ts';
import { WalletState } from './wallet-state.ts';
import { WalletsTable } from './wallets-table.ts';

/**
 * A user's wallets, and one of them with its statement: the one that the user began with, or one that was chosen among several, by its id or
 * by its currency.
 */
export function WalletsOfUser({ id, route }: { readonly id: string; readonly route: Route }) {
  const { query } = route;
  const path = `/api/v1/users/${encodeURIComponent(id)}`;
  const user = useApi<User>(path, { everyMs: 5000 });
  const wallets = useApi<{ items: readonly Wallet[] }>(user.data && `${path}/wallets`, { everyMs: 5000 });
  const payments = useList<Payment>(user.data && '/api/v1/payments', { user_id: id });
  const amounts = wallets.data?.items.map(
    ({ balance_minor, held_minor }) => `${balance_minor} ${held_minor}`,
  );
  useReloadWith(amounts?.join(), payments.reload);
  const error = user.error ?? wallets.error;
  const failure =
    error && html`<${Failure} error=${error} retry=${user.error ? user.reload : wallets.reload} />`;
  const [first, ...others] = wallets.data?.items ?? [];
  if (!user.data || !first) return failure ?? html`<${Loading} />`;

  const chosen = [first, ...others].find((wallet) => isChosen(wallet, query));
  const shown = chosen ?? first;
  const { currency, balance_minor, held_minor } = shown;
  return html`<h2>User ${id}</h2>
    ${failure}
    <p>Of this user: <${UserPlaces} id=${id} />.</p>
    ${!chosen && html`<p class="notice calm">This user has no wallet ${query.wallet ?? `in ${query.currency}`}. The one in ${currency} is shown.</p>`}
    <${WalletsTable} wallets=${[first, ...others]} shown=${shown} />
    <${WalletFacts} wallet=${shown} pendingMinor=${shown === first ? user.data.pending_in_minor : undefined} />
    <${WalletState} key=${`state ${shown.id}`} wallet=${shown} reload=${wallets.reload} />
    <h2>Held for orders</h2>
    <${OpenHolds} userId=${id} walletId=${shown.id} heldMinor=${held_minor} />
    <${Statement} key=${shown.id} wallet=${shown} changing=${`${balance_minor} ${held_minor}`} route=${route} />
    <h2>Payments</h2>
    <${Table} caption="Payments of the user, newest first" columns=${paymentColumns} rows=${payments.items} keyOf=${({ payment_id }: Payment) => payment_id} error=${payments.error}
      retry=${payments.reload} more=${payments.more} empty="This user has no payments yet." />`;
}

function isChosen({ id, currency }: Wallet, query: Route['query']): boolean {
  if (query.wallet !== undefined) return String(id) === query.wallet;
  return query.currency === undefined || query.currency === currency;
}

/**
 * What is in a wallet.
 * @param pendingMinor what deposits will add to it; undefined where that is not known.
 */
function WalletFacts({
  wallet,
  pendingMinor,
}: {
  readonly wallet: Wallet;
  readonly pendingMinor: string | undefined;
}) {
  const money = (minor: string) => html`<${Money} minor=${minor} currency=${wallet.currency} />`;
  return html`<${Facts} facts=${[
    ['Balance', money(wallet.balance_minor)],
    ['Available', money(wallet.available_minor)],
    ['Held', money(wallet.held_minor)],
    ...(pendingMinor === undefined ? [] : [['Pending deposits', money(pendingMinor)]]),
    ['Wallet', wallet.id],
    [
      'Of this wallet',
      html`<a href="#/payments?wallet_id=${wallet.id}">its payments</a>, <a href="#/holds?state=all&wallet_id=${wallet.id}">its holds for orders</a>`,
    ],
    ['Opened', html`<${Time} at=${wallet.created_at} />`],
  ]} />`;
}
