import type { Payment } from '../answers.ts';
import { queryOf } from '../api.ts';
import { html } from '../html.ts';
import { Badge, type Column, Money, PaymentLink, Table, Time, UserLink } from '../parts.ts';
import { navigate, type Route } from '../route.ts';
import { useList } from '../use-api.ts';

const TRACES = {
  id: 'Payment id',
  user_id: 'User id',
  idempotency_key: 'Idempotency key',
  gateway_reference: "Gateway's reference",
  reference: 'Our reference at the gateway',
} as const;

export const paymentColumns: readonly Column<Payment>[] = [
  { label: 'Payment', cell: ({ payment_id }) => html`<${PaymentLink} id=${payment_id} />` },
  { label: 'User', cell: ({ user_id }) => html`<${UserLink} id=${user_id} />` },
  { label: 'Type', cell: ({ type }) => type },
  {
    label: 'Amount',
    isNumber: true,
    cell: ({ amount, currency }) => html`<${Money} amount=${amount} currency=${currency} />`,
  },
  {
    label: 'Status',
    cell: ({ status, needs_review }) =>
      html`<${Badge} state=${status} />${needs_review && html` <${Badge} state="needs_review" />`}`,
  },
  { label: 'Tries', isNumber: true, cell: ({ attempts }) => attempts },
  { label: 'Accepted', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
];

export function PaymentsPage({ route: { query } }: { readonly route: Route }) {
  const { by = 'id', text = '', status, type } = query;
  const isTrace = text !== '' && by !== 'user_id' && by !== 'id';
  const conditions = { ...(by === 'user_id' ? { user_id: text } : {}), status, type };
  const list = useList<Payment>(
    isTrace ? '/api/v1/payments/search' : '/api/v1/payments',
    isTrace ? { [by]: text } : conditions,
    { isPaged: !isTrace },
  );

  function search(event: SubmitEvent): void {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<
      string,
      string
    >;
    const wanted = values.text?.trim() ?? '';
    if (values.by === 'id' && wanted !== '') navigate(`/payments/${encodeURIComponent(wanted)}`);
    else navigate(`/payments${queryOf({ ...values, text: wanted })}`);
  }

  return html`<h1>Payments</h1>
    <form class="search" onSubmit=${search}>
      <label>Find by
        <select name="by">${Object.entries(TRACES).map(([value, name]) => html`<option value=${value} selected=${value === by}>${name}</option>`)}</select>
      </label>
      <label>What it is <input type="search" name="text" value=${text} data-search autocomplete="off" spellcheck=${false} /></label>
      <label>Status
        <select name="status">
          ${['', 'processing', 'success', 'failed', 'unknown'].map((each) => html`<option value=${each} selected=${each === (status ?? '')}>${each || 'any'}</option>`)}
        </select>
      </label>
      <label>Type
        <select name="type">
          ${['', 'deposit', 'withdraw'].map((each) => html`<option value=${each} selected=${each === (type ?? '')}>${each || 'any'}</option>`)}
        </select>
      </label>
      <button type="submit">Find</button>
    </form>
    <${Table} caption="Payments, newest first" columns=${paymentColumns} rows=${list.items} error=${list.error}
      retry=${list.reload} more=${list.more}
      empty=${list.more ? 'None among the newest payments; older ones have not been looked at yet.' : isTrace ? 'No payment has this. Keys and references must be given in full, as they were sent.' : 'No payment fits. Leave a condition out, or make one at /docs.'} />`;
}
