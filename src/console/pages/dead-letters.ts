import { useState } from 'preact/hooks';
import type { BulkRedrive, DeadLetter } from '../answers.ts';
import { call, queryOf } from '../api.ts';
import { ask, WHO, WHY } from '../ask.ts';
import { countOf, formatCount } from '../count.ts';
import { Choice, TYPE_OPTIONS, UserField } from '../fields.ts';
import { formatMoney, formatName } from '../format.ts';
import { html } from '../html.ts';
import { askAgainstEvidence } from '../override.ts';
import { readForm } from '../read-form.ts';
import { goOrReload, type Route } from '../route.ts';
import { Table } from '../table.ts';
import { useApi, useList, useReloadWith } from '../use-api.ts';
import { BulkRedrives } from './bulk-redrives.ts';
import { deadLetterColumns, hasUnknownOutcome } from './dead-letter-columns.ts';

/** A record, so that the compiler finds one that is missing. */
const IS_REASON: Readonly<Record<DeadLetter['reason'], true>> = {
  refused: true,
  attempts_exhausted: true,
  outcome_unknown: true,
  poison: true,
};
const REASONS = ['', ...Object.keys(IS_REASON)].map(
  (reason) => [reason, reason === '' ? 'any' : formatName(reason)] as const,
);
const STATES = ['open', 'handled', 'all'].map((state) => [state, state] as const);
const RATE = {
  name: 'per_second',
  label: 'Letters per second, at most',
  kind: 'number',
  value: '20',
  most: 100,
  hint: '1 to 100: what the gateway can handle on top of its other work.',
} as const;

export function DeadLettersPage({ route: { query } }: { readonly route: Route }) {
  const { reason = '', type = '', user_id = '', state = 'open' } = query;
  const list = useList<DeadLetter>('/api/v1/dlq', { reason, type, user_id, state });
  const preview = useApi<Preview>(`/api/v1/bulk-redrives/preview${queryOf({ reason, type, user_id })}`, {
    everyMs: 5000,
  });
  useReloadWith(preview.data?.count, list.reload);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const shown = (list.items ?? []).filter(({ id, action }) => action === null && chosen.has(id));
  const [startedCount, setStartedCount] = useState(0);

  async function refresh(): Promise<void> {
    setChosen(new Set());
    setStartedCount((count) => count + 1);
    await Promise.all([list.reload(), preview.reload()]);
  }

  const redrive = async (letter: DeadLetter) => {
    const isSent = await askAgainstEvidence({
      title: `Redrive dead letter ${letter.id}`,
      says: html`<p>${
        hasUnknownOutcome(letter)
          ? 'The payment goes back to the queue. The gateway is asked about it before anything is sent.'
          : `The failed payment stays failed. A new payment of ${formatMoney(letter.amount_minor, letter.currency)} is made.`
      }</p>`,
      fields: [WHO, { ...WHY, isOptional: true }],
      action: 'Redrive',
      async onSubmit(values, override) {
        await call('POST', `/api/v1/dlq/${letter.id}/redrive`, { ...values, ...override });
        return `Dead letter ${letter.id} was redriven.`;
      },
    });
    if (isSent) await refresh();
  };
  const discard = async (letter: DeadLetter) => {
    const isSent = await ask({
      title: `Discard dead letter ${letter.id}`,
      says: html`<p>The payment of ${formatMoney(letter.amount_minor, letter.currency)} stays failed. This is final.</p>`,
      fields: [WHO, WHY],
      action: 'Discard',
      isDangerous: true,
      async onSubmit(values) {
        await call('POST', `/api/v1/dlq/${letter.id}/discard`, values);
        return `Dead letter ${letter.id} was discarded.`;
      },
    });
    if (isSent) await refresh();
  };
  const startBulk = async (title: string, filter: object) => {
    const isSent = await ask({
      title,
      says: html`<p>A worker redrives them one by one. You can stop it at any time; letters that were already redriven stay redriven. Letters are skipped if there is evidence that the money moved.</p>`,
      fields: [RATE, WHO, WHY],
      action: 'Redrive them',
      async onSubmit({ per_second, ...values }, key) {
        const order = { ...filter, ...values, per_second: Number(per_second) };
        const { total } = await call<BulkRedrive>('POST', '/api/v1/bulk-redrives', order, { key });
        return `The bulk redrive of ${countOf(total, 'dead letter')} was started.`;
      },
    });
    if (isSent) await refresh();
  };
  const redriveMatching = () =>
    startBulk(`Redrive ${describeCount(preview.data)}`, {
      ...(reason ? { reason_is: reason } : {}),
      ...(type ? { type } : {}),
      ...(user_id ? { user_id: Number(user_id) } : {}),
    });

  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const columns = deadLetterColumns({ chosen, toggle, redrive, discard });

  function filter(event: Event): void {
    const form = (event.target as HTMLElement).closest('form');
    if (!form) return;
    event.preventDefault();
    setChosen(new Set());
    goOrReload(`/dead-letters${queryOf(readForm(form))}`, () =>
      Promise.all([list.reload(), preview.reload()]),
    );
  }

  return html`<h1>Dead letters</h1>
    <form class="search" onSubmit=${filter} onChange=${filter}>
      <${Choice} label="Reason" name="reason" value=${reason} options=${REASONS} />
      <${Choice} label="Type" name="type" value=${type} options=${TYPE_OPTIONS} />
      <${UserField} value=${user_id} error=${list.error?.ofField('user_id')} isSearch />
      <${Choice} label="State" name="state" value=${state} options=${STATES} />
    </form>
    ${
      state === 'open' &&
      html`<div class="buttons toolbar">
        <button type="button" disabled=${!preview.data?.count} onClick=${redriveMatching}>Redrive all matching (${showCount(preview.data)}) …</button>
        <button type="button" class="secondary" disabled=${shown.length === 0}
          onClick=${() => startBulk(`Redrive ${countOf(shown.length, 'dead letter')}`, { letters: shown.map(({ id }) => id) })}>Redrive selected (${shown.length}) …</button>
      </div>`
    }
    <${BulkRedrives} key=${startedCount} onProgress=${() => void Promise.all([list.reload(), preview.reload()])} />
    <${Table} caption="Dead letters, newest first" columns=${columns} rows=${list.items} error=${list.error}
      keyOf=${({ id }: DeadLetter) => id} retry=${list.reload} more=${list.more}
      empty=${state === 'open' ? 'No open dead letter matches. Payments that end without success appear here.' : 'No dead letter matches.'} />`;
}

interface Preview {
  readonly count: number;
  readonly is_capped: boolean;
}

function showCount(preview: Preview | undefined): string {
  if (!preview) return '…';
  return `${formatCount(preview.count)}${preview.is_capped ? ' or more' : ''}`;
}

function describeCount(preview: Preview | undefined): string {
  return countOf(preview?.count ?? 0, 'dead letter', { shown: showCount(preview) });
}
