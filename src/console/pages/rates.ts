import type { Rate, Rates } from '../answers.ts';
import { call } from '../api.ts';
import { ask, WHO, WHY } from '../ask.ts';
import { Badge } from '../badge.ts';
import { html } from '../html.ts';
import { MoneyNav } from '../money-nav.ts';
import { Failure, Loading, Time, Words } from '../parts.ts';
import { type Column, Table } from '../table.ts';
import { useApi } from '../use-api.ts';
import { Positions } from './positions.ts';

const EVERY_MS = 5000;
const SOURCES: Readonly<Record<string, string>> = {
  file: 'a file',
  http: 'a service',
  ecb: 'the European Central Bank',
};

export function RatesPage() {
  const rates = useApi<Rates>('/api/v1/currency/rates', { everyMs: EVERY_MS });
  const { data, error, reload } = rates;
  return html`<${MoneyNav} page="rates" />
    <h1>Exchange rates</h1>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!data && !error && html`<${Loading} />`}
    ${data && (data.source === 'none' ? html`<p class="notice calm">No source of rates is set, so nothing is converted. RATES_SOURCE says where rates come from.</p>` : html`<${RatesOfSource} rates=${data} reload=${reload} />`)}
    <${Positions} />`;
}

function RatesOfSource({ rates, reload }: { readonly rates: Rates; readonly reload: () => Promise<void> }) {
  const held = rates.items.filter(({ state }) => state === 'held');
  const current = rates.items.filter(({ state }) => state === 'current');
  const countingOf = ({ base, quote }: Rate) =>
    current.find((rate) => rate.base === base && rate.quote === quote);

  async function approve(rate: Rate): Promise<void> {
    const { id, base, quote, rate: value } = rate;
    const before = countingOf(rate);
    const isSent = await ask({
      title: `Approve the rate from ${base} to ${quote}`,
      says: html`<p>One ${base} is then worth ${value} ${quote}${before && `, and not ${before.rate} as before`}. Quotes are made with it from now on, in both directions.</p>`,
      fields: [WHO, WHY],
      action: 'Approve',
      isDangerous: true,
      async onSubmit(values) {
        await call('POST', `/api/v1/currency/rates/${id}/approve`, values);
        return `The rate from ${base} to ${quote} was approved.`;
      },
    });
    if (isSent) await reload();
  }

  async function refuse(rate: Rate): Promise<void> {
    const { id, base, quote, rate: value } = rate;
    const before = countingOf(rate);
    const isSent = await ask({
      title: `Refuse the rate from ${base} to ${quote}`,
      says: html`<p>${value} is not used.${before && ` One ${base} is worth ${before.rate} ${quote} again, until this rate is too old.`} Nobody is asked about ${value} again until the source has named another rate.</p>`,
      fields: [WHO, WHY],
      action: 'Refuse',
      isDangerous: true,
      async onSubmit(values) {
        await call('POST', `/api/v1/currency/rates/${id}/refuse`, values);
        return `The rate from ${base} to ${quote} was refused.`;
      },
    });
    if (isSent) await reload();
  }

  const refused = rates.items.filter(({ state }) => state === 'refused');
  const heldColumns: readonly Column<Rate>[] = [
    ...PAIR_AND_RATE,
    {
      label: 'Last that counted',
      kind: 'number',
      cell: (rate) => {
        const before = countingOf(rate);
        return before ? `${before.rate} (${describeJump(before.rate, rate.rate)})` : 'none';
      },
    },
    ...TIMES,
    {
      label: 'Action',
      kind: 'text',
      cell: (rate) =>
        html`<div class="buttons">
          <button type="button" class="small" onClick=${() => approve(rate)}>Approve …</button>
          <button type="button" class="small secondary" onClick=${() => refuse(rate)}>Refuse …</button>
        </div>`,
    },
  ];
  const isOnHold = ({ base, quote }: Rate) => held.some((rate) => rate.base === base && rate.quote === quote);
  const currentColumns: readonly Column<Rate>[] = [
    ...PAIR_AND_RATE,
    {
      label: 'State',
      cell: (rate) =>
        html`<${Badge} of="rate" state=${isOnHold(rate) ? 'not used: the next one waits' : rate.freshness} tone=${isOnHold(rate) ? 'doubtful' : undefined} isSaid />`,
    },
    ...TIMES,
    APPROVED,
  ];
  return html`<p>They come from ${SOURCES[rates.source] ?? rates.source}. Currencies that are not paired here are converted through ${current[0]?.base ?? 'the base'}.</p>
    ${
      held.length > 0 &&
      html`<div class="notice doubtful"><p>These rates differ so much from the last ones that they wait for a person, and their currencies are not
        converted meanwhile. Approve a rate only when you know why it changed. If it is wrong, refuse it: its currencies are converted at the last rate again.</p></div>
      <h2>Waiting for a person</h2>
      <${Table} caption="Rates that wait for a person" columns=${heldColumns} rows=${held} keyOf=${({ id }: Rate) => id} empty="" />`
    }
    ${
      refused.length > 0 &&
      html`<h2>Refused</h2>
      <${Table} caption="Rates that were refused, while the source repeats them" columns=${REFUSED_COLUMNS} rows=${refused} keyOf=${({ id }: Rate) => id} empty="" />`
    }
    <h2>By pair</h2>
    <${Table} caption="Rates that counted last, by pair" columns=${currentColumns} rows=${current} keyOf=${({ id }: Rate) => id}
      empty="No rate has come from the source yet. A worker asks it every few minutes." />`;
}

const PAIR_AND_RATE: readonly Column<Rate>[] = [
  { label: 'Pair', cell: ({ base, quote }) => `${base}\u00a0to\u00a0${quote}` },
  { label: 'Rate', kind: 'number', cell: ({ rate }) => html`<span class="number">${rate}</span>` },
];
const TIMES: readonly Column<Rate>[] = [
  { label: 'As of', cell: ({ as_of }) => html`<${Time} at=${as_of} />` },
  { label: 'Fetched', cell: ({ fetched_at }) => html`<${Time} at=${fetched_at} />` },
];
const APPROVED: Column<Rate> = {
  label: 'Approved',
  kind: 'text',
  cell: ({ approved_at, approved_by, approved_reason }) =>
    approved_at === null
      ? html`<small>not needed</small>`
      : html`<small>by <${Words}>${approved_by}</${Words}>, <${Time} at=${approved_at} />${approved_reason && html`: <${Words}>${approved_reason}</${Words}>`}</small>`,
};

const REFUSED_COLUMNS: readonly Column<Rate>[] = [
  ...PAIR_AND_RATE,
  ...TIMES,
  {
    label: 'Refused',
    kind: 'text',
    cell: ({ refused_at, refused_by, refused_reason }) =>
      html`<small>by <${Words}>${refused_by}</${Words}>, ${refused_at && html`<${Time} at=${refused_at} />`}: <${Words}>${refused_reason}</${Words}></small>`,
  },
];

/** How far a rate is from the last one: `+23.4 %`. For people; nothing is computed with it. */
function describeJump(before: string, after: string): string {
  const share = Number(after) / Number(before) - 1;
  return new Intl.NumberFormat(undefined, {
    style: 'percent',
    signDisplay: 'always',
    maximumFractionDigits: 1,
  }).format(share);
}
