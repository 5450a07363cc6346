import { useState } from 'preact/hooks';
import type { Difference, Integrity, Report, Violation } from '../answers.ts';
import { type CallError, call, queryOf, toCallError } from '../api.ts';
import { ask, WHO, WHY } from '../ask.ts';
import { Badge } from '../badge.ts';
import { countOf, formatCount } from '../count.ts';
import { Choice } from '../fields.ts';
import { formatAge, formatDuration, formatName } from '../format.ts';
import { html } from '../html.ts';
import { Facts, Failure, Loading, PaymentLink, Time, Words } from '../parts.ts';
import { navigate, type Route } from '../route.ts';
import { type Column, Table } from '../table.ts';
import { useApi, useList, useReloadWith } from '../use-api.ts';

const VIOLATION_STATES = ['open', 'all'];
const DIFFERENCE_STATES = ['open', 'closed', 'all'];

export function IntegrityPage({ route: { query } }: { readonly route: Route }) {
  const { violations: violationState = 'open', differences: differenceState = 'open' } = query;
  const state = useApi<Integrity>('/api/v1/integrity', { everyMs: 5000 });
  const violations = useList<Violation>('/api/v1/integrity/violations', { state: violationState });
  const differences = useList<Difference>('/api/v1/reconciliation/exceptions', { state: differenceState });
  useReloadWith(state.data?.violations, violations.reload);
  const reports = useList<Report>('/api/v1/reconciliation/reports');
  const [run, setRun] = useState<{ text?: string; error?: CallError; isBusy?: boolean }>({});

  async function check(): Promise<void> {
    setRun({ isBusy: true });
    try {
      const { result, rows_checked, duration_ms, found } = await call<{
        result: string;
        rows_checked: number;
        duration_ms: number;
        found: number;
      }>('POST', '/api/v1/integrity/checks');
      setRun({
        text: `${CHECK_RESULTS[result] ?? result} ${countOf(rows_checked, 'row')} checked in ${formatDuration(duration_ms / 1000)}, ${countOf(found, 'new violation')}.`,
      });
    } catch (error) {
      setRun({ error: toCallError(error) });
    }
    await Promise.all([state.reload(), violations.reload()]);
  }

  async function acknowledge({ id, subject }: Violation): Promise<void> {
    const isSent = await ask({
      title: `Acknowledge violation ${id}`,
      says: html`<p>${subject}: you accept the violation as it is. This repairs nothing. Once no violation is open, the check no longer stops payments.</p>`,
      fields: [WHO, WHY],
      action: 'Acknowledge',
      isDangerous: true,
      async onSubmit(values) {
        await call('POST', `/api/v1/integrity/violations/${id}/acknowledge`, values);
        return `Violation ${id} was acknowledged.`;
      },
    });
    if (isSent) await Promise.all([state.reload(), violations.reload()]);
  }
  async function actOn(difference: Difference, action: 'close' | 'post-to-suspense'): Promise<void> {
    const isClose = action === 'close';
    const isSent = await ask({
      title: isClose ? `Close difference ${difference.id}` : `Post difference ${difference.id} to suspense`,
      says: html`<p>${
        isClose
          ? 'No payment and no balance changes.'
          : 'The amount by which the gateway and our books differ is posted from the clearing account to the suspense account, once. No wallet changes.'
      }</p>`,
      fields: [WHO, WHY],
      action: isClose ? 'Close' : 'Post to suspense',
      isDangerous: !isClose,
      async onSubmit(values) {
        await call('POST', `/api/v1/reconciliation/exceptions/${difference.id}/${action}`, values);
        return `Difference ${difference.id} was ${isClose ? 'closed' : 'posted to suspense'}.`;
      },
    });
    if (isSent) await differences.reload();
  }

  const violationColumns: readonly Column<Violation>[] = [
    {
      label: 'Violation',
      cell: ({ id, invariant }) => html`${id} <${Badge} of="rule" state=${invariant} tone="bad" />`,
    },
    { label: 'Subject', kind: 'text', cell: ({ subject }) => subject },
    {
      label: 'What is wrong',
      kind: 'text',
      cell: ({ rule, detail }) => html`${formatName(rule)}<br /><small>${detail}</small>`,
    },
    { label: 'Found', cell: ({ found_at }) => html`<${Time} at=${found_at} />` },
    {
      label: 'Action',
      kind: 'text',
      cell: (violation) =>
        violation.acknowledged_at === null && violation.resolved_at === null
          ? html`<button type="button" class="small secondary" onClick=${() => acknowledge(violation)}>Acknowledge …</button>`
          : html`<small>${violation.resolved_at === null ? html`acknowledged by <${Words}>${violation.acknowledged_by}</${Words}>: <${Words}>${violation.acknowledged_reason}</${Words}>` : 'a later check found it in order'}</small>`,
    },
  ];
  const differenceColumns: readonly Column<Difference>[] = [
    {
      label: 'Difference',
      cell: ({ id, kind }) => html`${id} <${Badge} of="difference" state=${kind} tone="doubtful" isSaid />`,
    },
    {
      label: 'Payment',
      kind: 'text',
      cell: ({ payment_id, reference }) =>
        payment_id === null
          ? html`<${Words}>${reference ?? 'not known'}</${Words}>`
          : html`<${PaymentLink} id=${payment_id} />`,
    },
    { label: 'Our record', kind: 'text', cell: ({ ours }) => html`<${Said} statement=${ours} />` },
    { label: "Gateway's record", kind: 'text', cell: ({ theirs }) => html`<${Said} statement=${theirs} />` },
    {
      label: 'Last seen',
      cell: ({ last_seen_at, seen_count }) =>
        html`<${Time} at=${last_seen_at} />${seen_count > 1 && ` (seen ${seen_count} times)`}`,
    },
    {
      label: 'Action',
      kind: 'text',
      cell: (difference) =>
        difference.closed_at === null
          ? html`<div class="buttons">
              <button type="button" class="small" onClick=${() => actOn(difference, 'close')}>Close …</button>
              <button type="button" class="small secondary" onClick=${() => actOn(difference, 'post-to-suspense')}>Post to suspense …</button>
            </div>`
          : html`<small>closed by <${Words}>${difference.closed_by}</${Words}>: <${Words}>${difference.closed_reason}</${Words}></small>`,
    },
  ];
  const reportColumns: readonly Column<Report>[] = [
    { label: 'Comparison', cell: ({ id }) => id },
    {
      label: 'Result',
      kind: 'text',
      cell: ({ status, error }) =>
        html`<${Badge} of="comparison" state=${status} isSaid /> <small><${Words}>${error}</${Words}></small>`,
    },
    {
      label: 'Started',
      cell: ({ started_at, started_by }) =>
        html`<${Time} at=${started_at} /> by ${started_by === 'schedule' ? 'the nightly schedule' : 'a command'}`,
    },
    {
      label: 'Matched',
      kind: 'number',
      cell: ({ matched }) => (matched === null ? 'not counted' : formatCount(matched)),
    },
    {
      label: 'In transit',
      kind: 'number',
      cell: ({ in_transit }) => (in_transit === null ? 'not counted' : formatCount(in_transit)),
    },
    {
      label: 'Differences',
      cell: ({ differences }) =>
        differences === null
          ? 'not counted'
          : Object.entries(differences)
              .filter(([, { found }]) => found > 0)
              .map(([kind, { found }]) => `${formatName(kind)} ${found}`)
              .join(', ') || 'none',
    },
  ];

  const choose = (choice: Record<string, string>) =>
    navigate(`/integrity${queryOf({ ...query, ...choice })}`);
  return html`<h1>Integrity</h1>
    ${state.error && html`<${Failure} error=${state.error} retry=${state.reload} />`}
    ${!state.data && !state.error && html`<${Loading} />`}
    ${state.data && html`<${State} state=${state.data} />`}
    <div class="toolbar">
      <button type="button" aria-busy=${run.isBusy === true} disabled=${run.isBusy === true} onClick=${check}>Check now</button>
      <span role="status" aria-label="The check">${run.text}</span>
    </div>
    ${run.error && html`<${Failure} error=${run.error} />`}
    <h2>Violations</h2>
    <div class="search"><${Choice} label="Show violations" name="violations" value=${violationState} options=${optionsOf(VIOLATION_STATES)}
      onChange=${(violations: string) => choose({ violations })} /></div>
    <${Table} caption="Violations, newest first" keyOf=${({ id }: Violation) => id} columns=${violationColumns} rows=${violations.items} error=${violations.error}
      retry=${violations.reload} more=${violations.more} empty=${violationState === 'open' ? 'No violation is open: the ledger adds up as far as it has been checked.' : 'No violation has ever been found.'} />
    <h2>Differences from the gateway</h2>
    <div class="search"><${Choice} label="Show differences" name="differences" value=${differenceState} options=${optionsOf(DIFFERENCE_STATES)}
      onChange=${(chosen: string) => choose({ differences: chosen })} /></div>
    <${Table} caption="Differences, newest first" keyOf=${({ id }: Difference) => id} columns=${differenceColumns} rows=${differences.items} error=${differences.error}
      retry=${differences.reload} more=${differences.more} empty=${differenceState === 'open' ? 'No difference is open: the gateway and our records agree as far as they have been compared.' : 'No difference matches.'} />
    <h2>Comparisons of the books</h2>
    <${Table} caption="Comparisons, newest first" keyOf=${({ id }: Report) => id} columns=${reportColumns} rows=${reports.items} error=${reports.error}
      retry=${reports.reload} more=${reports.more} empty=${html`The books have not been compared yet. A worker compares them every night; <code>npm run reconcile</code> does it now.`} />`;
}

function State({ state }: { readonly state: Integrity }) {
  return html`<${Facts} facts=${[
    [
      'Ledger',
      html`<${Badge} of="ledger" state=${state.status} isSaid /> ${state.violations > 0 ? countOf(state.violations, 'open violation') : state.reason}`,
    ],
    ['Checked up to', formatAge(state.checked_up_to)],
    [
      'Last check',
      state.last_run_at === null
        ? 'never'
        : `${formatAge(state.last_run_at)}, ${countOf(state.last_rows_checked ?? 0, 'row')}`,
    ],
  ]} />
    <ul class="invariants">
      ${state.invariants.map(({ invariant, says, violations, checked_up_to: checked }) => html`<li><${Badge} of="rule" state=${`${invariant}: ${violations > 0 ? 'broken' : 'no violation'}`} tone=${violations > 0 ? 'bad' : checked === null ? 'calm' : 'good'} /> ${says}${violations > 0 && ` (${countOf(violations, 'violation')})`}</li>`)}
    </ul>`;
}

const optionsOf = (choices: readonly string[]) => choices.map((choice) => [choice, choice] as const);

const CHECK_RESULTS: Readonly<Record<string, string>> = {
  done: 'The check is complete.',
  late: 'The check ran out of time before it had read everything new.',
  busy: 'Another check is running on the same data.',
};

function Said({ statement }: { readonly statement: Readonly<Record<string, unknown>> | null }) {
  if (statement === null) return html`<span>nothing</span>`;
  const { amount, currency, ...others } = statement;
  const named = Object.entries(others)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${formatName(name)} ${value}`);
  const money = amount === undefined ? [] : [`${currency ?? ''} ${amount}`.trim()];
  return html`<small>${[...money, ...named].join(', ')}</small>`;
}
