import type { Payment } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.ts';
import { Choice, TextInput, TYPE_OPTIONS, UserField, WalletField } from '../fields.ts';
import { html } from '../html.ts';
import { Money, PaymentLink, Time, UserLink } from '../parts.ts';
import { readForm } from '../read-form.ts';
import { goOrReload, navigate, type Route } from '../route.ts';
import { type Column, Table } from '../table.ts';
import { useList } from '../use-api.ts';

const TRACES = [
  ['idempotency_key', 'Idempotency key'],
  ['gateway_reference', 'Gateway reference'],
  ['reference', 'Our reference at the gateway'],
] as const;
/** A record, so that the compiler finds one that is missing. */
const IS_STATUS: Readonly<Record<Payment['status'], true>> = {
  processing: true,
  success: true,
  failed: true,
  unknown: true,
};
const STATUSES = ['', ...Object.keys(IS_STATUS)].map((status) => [status, status || 'any'] as const);

export const paymentColumns: readonly Column<Payment>[] = [
  { label: 'Payment', cell: ({ payment_id }) => html`<${PaymentLink} id=${payment_id} />` },
  { label: 'User', cell: ({ user_id }) => html`<${UserLink} id=${user_id} />` },
  { label: 'Type', cell: ({ type }) => type },
  {
    label: 'Amount',
    kind: 'number',
    cell: ({ amount_minor, currency }) => html`<${Money} minor=${amount_minor} currency=${currency} />`,
  },
  {
    label: 'Status',
    cell: ({ status, needs_review }) =>
      html`<${Badge} of="status" state=${status} isSaid />${needs_review && html` <${Badge} of="review" state="needed" />`}`,
  },
  { label: 'Attempts', kind: 'number', cell: ({ attempts }) => attempts },
  { label: 'Accepted', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
];

export function PaymentsPage({ route: { query } }: { readonly route: Route }) {
  const { by = 'idempotency_key', text = '', user_id = '', wallet_id = '', status = '', type = '' } = query;
  const isTrace = text !== '';
  const list = useList<Payment>(isTrace ? '/api/v1/payments/search' : '/api/v1/payments', {
    ...(isTrace ? { [by]: text } : {}),
    user_id,
    wallet_id,
    status,
    type,
  });
  const { error } = list;
  const userError =
    error?.code === 'search-too-wide' || error?.code === 'list-too-slow'
      ? 'Enter the user ID, so that only the payments of this user are searched.'
      : error?.ofField('user_id');

  function search(event: SubmitEvent): void {
    event.preventDefault();
    const values = readForm(event.target as HTMLFormElement);
    const place = `/payments${queryOf({ ...values, by: values.text ? values.by : undefined })}`;
    goOrReload(place, list.reload);
  }

  return html`<h1>Payments</h1>
    <form class="search" onSubmit=${openPayment}>
      <div class="field">
        <label for="search-payment">Payment ID</label>
        <input id="search-payment" name="payment_id" inputmode="numeric" autocomplete="off" required />
      </div>
      <button type="submit" class="secondary">Open</button>
    </form>
    <form class="search" onSubmit=${search}>
      <${Choice} label="Search by" name="by" value=${by} options=${TRACES} />
      <div class="field wide">
        <label for="search-text">Key or reference</label>
        <${TextInput} id="search-text" type="search" name="text" value=${text} data-search autocomplete="off" spellcheck=${false} />
      </div>
      <${UserField} value=${user_id} error=${userError} />
      <${WalletField} value=${wallet_id} error=${error?.ofField('wallet_id')} />
      <${Choice} label="Status" name="status" value=${status} options=${STATUSES} />
      <${Choice} label="Type" name="type" value=${type} options=${TYPE_OPTIONS} />
      <button type="submit">Search</button>
    </form>
    <${Table} caption="Payments, newest first" columns=${paymentColumns} rows=${list.items} error=${error}
      keyOf=${({ payment_id }: Payment) => payment_id} retry=${list.reload} more=${list.more}
      empty=${isTrace ? 'No payment matches. A key or reference must be complete, exactly as it was sent.' : 'No payment matches.'} />`;
}

function openPayment(event: SubmitEvent): void {
  event.preventDefault();
  const { payment_id: wanted = '' } = readForm(event.target as HTMLFormElement);
  if (wanted !== '') navigate(`/payments/${encodeURIComponent(wanted)}`);
}
