import { useState } from 'preact/hooks';
import type { DeadLetter } from '../answers.ts';
import { call, queryOf } from '../api.ts';
import { ask, type Question, WHO, WHY } from '../ask.ts';
import { formatCount, formatMoney, formatName } from '../format.ts';
import { html } from '../html.ts';
import { askAgainstEvidence } from '../override.ts';
import { Badge, type Column, Money, PaymentLink, Table, Time, UserLink } from '../parts.ts';
import { navigate, type Route } from '../route.ts';
import { useApi, useList } from '../use-api.ts';
import { BulkRedrives } from './bulk-redrives.ts';

const REASONS = ['', 'refused', 'attempts_exhausted', 'outcome_unknown', 'poison'];
const RATE = {
  name: 'per_second',
  label: 'Letters per second, at the most',
  kind: 'number',
  value: '20',
  hint: '1 to 100; what the gateway can take beside its other work.',
} as const;

export function DeadLettersPage({ route: { query } }: { readonly route: Route }) {
  const { reason = '', type = '', user_id = '', state = 'open' } = query;
  const list = useList<DeadLetter>('/api/v1/dlq', { reason, type, user_id, state });
  const preview = useApi<{ count: number; is_capped: boolean }>(
    `/api/v1/bulk-redrives/preview${queryOf({ reason, type, user_id })}`,
    { everyMs: 5000 },
  );
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const shown = (list.items ?? []).filter(({ id, action }) => action === null && chosen.has(id));
  const [startedCount, setStartedCount] = useState(0);

  async function act(question: Question): Promise<void> {
    if (await ask(question)) await refresh();
  }

  async function refresh(): Promise<void> {
    setChosen(new Set());
    setStartedCount((count) => count + 1);
    await Promise.all([list.reload(), preview.reload()]);
  }

  const redrive = async (letter: DeadLetter) => {
    const isDone = await askAgainstEvidence({
      title: `Redrive dead letter ${letter.id}`,
      says: html`<p>${
        letter.reason === 'outcome_unknown' || letter.reason === 'poison'
          ? 'The payment goes back to the queue; the gateway is asked about it before anything is sent.'
          : `The failed payment stays as it is; a new one of ${formatMoney(letter.amount, letter.currency)} is made.`
      }</p>`,
      fields: [WHO, { ...WHY, isOptional: true }],
      action: 'Redrive',
      onSubmit: (values, override) =>
        call('POST', `/api/v1/dlq/${letter.id}/redrive`, { ...values, ...override }),
    });
    if (isDone) await refresh();
  };
  const discard = (letter: DeadLetter) =>
    act({
      title: `Discard dead letter ${letter.id}`,
      says: html`<p>The payment of ${formatMoney(letter.amount, letter.currency)} stays failed, for good.</p>`,
      fields: [WHO, WHY],
      action: 'Discard',
      isDangerous: true,
      onSubmit: (values) => call('POST', `/api/v1/dlq/${letter.id}/discard`, values),
    });
  const startBulk = (title: string, filter: object) =>
    act({
      title,
      says: html`<p>A worker redrives them one by one. You can stop it at any time; what was redriven stays so.
        Letters about which anything recorded says that the money moved are left alone.</p>`,
      fields: [RATE, WHO, WHY],
      action: 'Redrive them',
      onSubmit: ({ per_second, ...values }) =>
        call('POST', '/api/v1/bulk-redrives', { ...filter, ...values, per_second: Number(per_second) }),
    });
  const redriveMatching = () =>
    startBulk(`Redrive ${countOf(preview.data)} dead letters`, {
      ...(reason ? { reason_is: reason } : {}),
      ...(type ? { type } : {}),
      ...(user_id ? { user_id: Number(user_id) } : {}),
    });

  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const columns: readonly Column<DeadLetter>[] = [
    {
      label: 'Choose',
      cell: ({ id, action }) =>
        action === null &&
        html`<input type="checkbox" aria-label="Choose dead letter ${id}" checked=${chosen.has(id)} onChange=${() => toggle(id)} />`,
    },
    { label: 'Letter', cell: ({ id }) => id },
    { label: 'Payment', cell: ({ payment_id }) => html`<${PaymentLink} id=${payment_id} />` },
    { label: 'User', cell: ({ user_id: user }) => html`<${UserLink} id=${user} />` },
    {
      label: 'Amount',
      isNumber: true,
      cell: ({ amount, currency, payment_type }) =>
        html`${payment_type} <${Money} amount=${amount} currency=${currency} />`,
    },
    {
      label: 'Reason',
      cell: (letter) => html`<${Badge} state=${letter.reason} /> <small>${letter.error}</small>`,
    },
    { label: 'Since', cell: ({ created_at }) => html`<${Time} at=${created_at} />` },
    {
      label: 'Do',
      cell: (letter) =>
        letter.action === null
          ? html`<div class="buttons">
              <button type="button" class="small" onClick=${() => redrive(letter)}>Redrive</button>
              ${
                letter.reason === 'outcome_unknown' || letter.reason === 'poison'
                  ? html`<a class="small secondary" role="button" href="#/payments/${letter.payment_id}">Inspect</a>`
                  : html`<button type="button" class="small secondary" onClick=${() => discard(letter)}>Discard</button>`
              }
            </div>`
          : html`<${Badge} state=${letter.action} /> <small>by ${letter.action_by}${letter.action_reason && `: ${letter.action_reason}`}</small>`,
    },
  ];

  function filter(event: Event): void {
    const form = (event.target as HTMLElement).closest('form');
    if (!form) return;
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form)) as Record<string, string>;
    setChosen(new Set());
    navigate(`/dead-letters${queryOf(values)}`);
  }

  return html`<h1>Dead letters</h1>
    <form class="search" onSubmit=${filter} onChange=${filter}>
      <label>Reason
        <select name="reason">${REASONS.map((each) => html`<option value=${each} selected=${each === reason}>${each === '' ? 'any' : formatName(each)}</option>`)}</select>
      </label>
      <label>Type
        <select name="type">${['', 'deposit', 'withdraw'].map((each) => html`<option value=${each} selected=${each === type}>${each || 'any'}</option>`)}</select>
      </label>
      <label>User id <input name="user_id" inputmode="numeric" pattern="[0-9]*" value=${user_id} data-search /></label>
      <label>State
        <select name="state">${['open', 'handled', 'all'].map((each) => html`<option value=${each} selected=${each === state}>${each}</option>`)}</select>
      </label>
    </form>
    ${
      state === 'open' &&
      html`<div class="buttons toolbar">
        <button type="button" disabled=${!preview.data?.count} onClick=${redriveMatching}>Redrive all that match (${countOf(preview.data)}) …</button>
        <button type="button" class="secondary" disabled=${shown.length === 0}
          onClick=${() => startBulk(`Redrive ${shown.length} dead letters`, { letters: shown.map(({ id }) => id) })}>Redrive the chosen (${shown.length}) …</button>
      </div>`
    }
    <${BulkRedrives} key=${startedCount} onProgress=${() => void list.reload()} />
    <${Table} caption="Dead letters, newest first" columns=${columns} rows=${list.items} error=${list.error}
      retry=${list.reload} more=${list.more}
      empty=${state === 'open' ? 'No open dead letter fits. Payments that end without success come here.' : 'No dead letter fits. Leave a condition out.'} />`;
}

function countOf(preview: { count: number; is_capped: boolean } | undefined): string {
  if (!preview) return '…';
  return `${formatCount(preview.count)}${preview.is_capped ? ' or more' : ''}`;
}
