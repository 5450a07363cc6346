import { useEffect } from 'preact/hooks';
import type { Payment, StatementLine, User, Wallet } from '../answers.ts';
import { queryOf } from '../api.ts';
import { UserField } from '../fields.ts';
import { formatName } from '../format.ts';
import { html } from '../html.ts';
import { Facts, Failure, Loading, Money, PaymentLink, Time, Words } from '../parts.ts';
import { navigate, type Route } from '../route.ts';
import { type Column, Table } from '../table.ts';
import { useApi, useList } from '../use-api.ts';
import { OpenHolds } from './open-holds.ts';
import { paymentColumns } from './payments.ts';
import { WalletsTable } from './wallets-table.ts';

export function WalletsPage({ route: { path, query } }: { readonly route: Route }) {
  const [, id] = path;
  const { currency } = query;
  function open(event: SubmitEvent): void {
    event.preventDefault();
    const wanted = String(new FormData(event.target as HTMLFormElement).get('user_id')).trim();
    if (wanted) navigate(`/wallets/${encodeURIComponent(wanted)}`);
  }
  return html`<h1>Wallets</h1>
    <form class="search" onSubmit=${open}>
      <${UserField} value=${id ?? ''} isSearch isRequired />
      <button type="submit">Open wallet</button>
    </form>
    ${id === undefined ? html`<p class="notice calm">Enter the ID of a user. The page of a payment names its user.</p>` : html`<${WalletsOfUser} key=${queryOf({ id, currency })} id=${id} chosen=${currency} />`}`;
}

/** One wallet with its statement: the one that the user began with, or one that was chosen among several. */
function WalletsOfUser({ id, chosen }: { readonly id: string; readonly chosen: string | undefined }) {
  const path = `/api/v1/users/${encodeURIComponent(id)}`;
  const user = useApi<User>(path, { everyMs: 5000 });
  const wallets = useApi<{ items: readonly Wallet[] }>(user.data && `${path}/wallets`);
  const statement = useList<StatementLine>(user.data && `${path}/statement`, { currency: chosen });
  const payments = useList<Payment>(user.data && '/api/v1/payments', { user_id: id });
  const shown = wallets.data?.items.find(({ currency }) => currency === chosen);
  const balance = user.data?.balance_minor;
  const held = user.data?.pending_out_minor;
  useEffect(() => {
    void wallets.reload();
    void statement.reload();
    void payments.reload();
  }, [balance, held]);
  if (!user.data)
    return user.error ? html`<${Failure} error=${user.error} retry=${user.reload} />` : html`<${Loading} />`;

  const { currency } = shown ?? user.data;
  const money = (minor: string) => html`<${Money} minor=${minor} currency=${currency} />`;
  const columns: readonly Column<StatementLine>[] = [
    { label: 'Posted', cell: ({ at }) => html`<${Time} at=${at} />` },
    {
      label: 'What for',
      kind: 'text',
      cell: ({ payment_id, order_id, step, reference }) => {
        if (order_id !== null) return html`order <${Words}>${order_id}</${Words}> (captured)`;
        return payment_id === null
          ? html`${formatName(step)} (<${Words}>${reference}</${Words}>)`
          : html`payment <${PaymentLink} id=${payment_id} /> (${formatName(step)})`;
      },
    },
    { label: 'Amount', kind: 'number', cell: ({ amount_minor }) => money(amount_minor) },
    { label: 'Balance after', kind: 'number', cell: ({ balance_after_minor }) => money(balance_after_minor) },
  ];
  return html`<h2>User ${id}</h2>
    ${user.error && html`<${Failure} error=${user.error} retry=${user.reload} />`}
    <${WalletsTable} userId=${id} wallets=${wallets.data?.items} shown=${currency} error=${wallets.error} retry=${wallets.reload} />
    <${Facts} facts=${
      shown
        ? [
            ['Balance', money(shown.balance_minor)],
            ['Available', money(shown.available_minor)],
            ['Held', money(shown.held_minor)],
            ['Opened', html`<${Time} at=${shown.created_at} />`],
          ]
        : [
            ['Balance', money(user.data.balance_minor)],
            ['Available', money(user.data.available_minor)],
            ['Held', money(user.data.pending_out_minor)],
            ['Pending deposits', money(user.data.pending_in_minor)],
            ['Created', html`<${Time} at=${user.data.created_at} />`],
          ]
    } />
    <h2>Held for orders</h2>
    <${OpenHolds} userId=${id} currency=${currency} heldMinor=${shown?.held_minor ?? user.data.pending_out_minor} />
    <h2>Statement</h2>
    <${Table} caption="Postings, newest first" columns=${columns} rows=${statement.items} keyOf=${({ transaction_id }: StatementLine) => transaction_id} error=${statement.error}
      retry=${statement.reload} more=${statement.more} empty="Nothing has been posted to this wallet yet." />
    <h2>Payments</h2>
    <${Table} caption="Payments of the user, newest first" columns=${paymentColumns} rows=${payments.items} keyOf=${({ payment_id }: Payment) => payment_id} error=${payments.error}
      retry=${payments.reload} more=${payments.more} empty="This user has no payments yet." />`;
}
