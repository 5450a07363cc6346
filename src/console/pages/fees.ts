import type { Fee, FeeChange, Fees } from '../answers.ts';
import { formatMoney, formatName } from '../format.ts';
import { html } from '../html.ts';
import { MoneyNav } from '../money-nav.ts';
import { Time, Words } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import { useApi, useList } from '../use-api.ts';
import { askToEndFee, askToSetFee } from './set-fee.ts';

export function FeesPage() {
  const fees = useApi<Fees>('/api/v1/currency/fees', { everyMs: 5000 });
  const history = useList<FeeChange>('/api/v1/currency/fees/history');
  async function after(isSent: boolean): Promise<void> {
    if (isSent) await Promise.all([fees.reload(), history.reload()]);
  }
  const columns: readonly Column<Fee>[] = [
    ...TERMS,
    {
      label: 'Since',
      cell: ({ valid_from }) => (valid_from === null ? 'the settings' : html`<${Time} at=${valid_from} />`),
    },
    {
      label: 'Until',
      cell: ({ valid_to }) => (valid_to === null ? 'no end is set' : html`<${Time} at=${valid_to} />`),
    },
    {
      label: 'Action',
      kind: 'text',
      cell: (fee) => html`<div class="buttons">
        <button type="button" class="small" onClick=${async () => after(await askToSetFee(fee))}>Change …</button>
        ${fee.id !== null && html`<button type="button" class="small secondary" onClick=${async () => after(await askToEndFee(fee))}>End …</button>`}
      </div>`,
    },
  ];
  return html`<${MoneyNav} page="fees" />
    <h1>Fees</h1>
    <p>What is charged now. A payment keeps the fee that it was accepted with. A row that names a currency goes before one for every currency.</p>
    <div class="toolbar"><button type="button" onClick=${async () => after(await askToSetFee())}>Set a fee …</button></div>
    <${Table} caption="Fees that are valid now" columns=${columns} rows=${fees.data?.items} error=${fees.error} retry=${fees.reload}
      keyOf=${({ id, kind, currency }: Fee) => `${id} ${kind} ${currency}`} empty="Nothing is charged." />
    <h2>Changes</h2>
    <${Table} caption="Changes of the fees, newest first" columns=${CHANGES} rows=${history.items} error=${history.error} retry=${history.reload} more=${history.more}
      keyOf=${({ id }: FeeChange) => id} empty="Nobody has changed the fees: those of the settings go." />`;
}

const TERMS: readonly Column<Fee>[] = [
  { label: 'For', cell: ({ kind }) => kind },
  { label: 'Currency', cell: ({ currency }) => currency ?? 'every other' },
  { label: 'Fee', kind: 'text', cell: describeFee },
  { label: 'Paid by', cell: ({ payer }) => payer },
];

const CHANGES: readonly Column<FeeChange>[] = [
  { label: 'When', cell: ({ at }) => html`<${Time} at=${at} />` },
  {
    label: 'For',
    cell: ({ before, after }) => {
      const fee = after ?? before;
      return fee && `${fee.kind}, ${fee.currency ?? 'every other currency'}`;
    },
  },
  { label: 'What', cell: ({ action }) => ACTIONS[action] ?? formatName(action) },
  { label: 'Before', kind: 'text', cell: ({ before }) => (before ? describeFee(before) : 'the default') },
  { label: 'After', kind: 'text', cell: ({ after }) => (after ? describeFee(after) : 'the default') },
  { label: 'From then on', cell: ({ effective_at }) => html`<${Time} at=${effective_at} />` },
  {
    label: 'Who and why',
    kind: 'text',
    cell: ({ by, reason }) => html`<small><${Words}>${by}</${Words}>: <${Words}>${reason}</${Words}></small>`,
  },
];

const ACTIONS: Readonly<Record<string, string>> = { set: 'set', end: 'ended', withdraw: 'withdrawn' };

/** The terms of a fee in words: "1.5 % and EUR 0.30, EUR 0.50 at least". */
function describeFee({ percent, fixed_minor, least_minor, most_minor, currency }: Fee): string {
  const money = (minor: string | null) =>
    minor === null || currency === null ? null : formatMoney(minor, currency);
  const [fixed, least, most] = [fixed_minor, least_minor, most_minor].map(money);
  const share = `${percent} %`;
  const main = fixed && fixed_minor !== '0' ? `${share} and ${fixed}` : share;
  return [main, least && `${least} at least`, most && `${most} at most`].filter(Boolean).join(', ');
}
