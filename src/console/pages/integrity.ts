import { useState } from 'preact/hooks';
import type { Exception, Integrity, Report, Violation } from '../answers.ts';
import { CallError, call } from '../api.ts';
import { ask, WHO, WHY } from '../ask.ts';
import { formatAge, formatCount, formatDuration, formatName } from '../format.ts';
import { html } from '../html.ts';
import { Badge, type Column, Facts, Failure, PaymentLink, Table, Time } from '../parts.ts';
import { useApi, useList } from '../use-api.ts';

export function IntegrityPage() {
  const state = useApi<Integrity>('/api/v1/integrity', { everyMs: 5000 });
  const [violationState, setViolationState] = useState('open');
  const violations = useList<Violation>('/api/v1/integrity/violations', { state: violationState });
  const [exceptionState, setExceptionState] = useState('open');
  const exceptions = useList<Exception>('/api/v1/reconciliation/exceptions', { state: exceptionState });
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
        text: `The check is ${result}: ${formatCount(rows_checked)} rows in ${formatDuration(duration_ms / 1000)}, ${found} new violations.`,
      });
    } catch (error) {
      setRun({
        error:
          error instanceof CallError ? error : new CallError(String(error), { code: 'console', status: 0 }),
      });
    }
    await Promise.all([state.reload(), violations.reload()]);
  }

  async function acknowledge({ id, subject }: Violation): Promise<void> {
    const isDone = await ask({
      title: `Acknowledge violation ${id}`,
      says: html`<p>${subject}: it is let stand, and money moves again when no other is open. Nothing is repaired by this.</p>`,
      fields: [WHO, WHY],
      action: 'Let it stand',
      isDangerous: true,
      onSubmit: (values) => call('POST', `/api/v1/integrity/violations/${id}/acknowledge`, values),
    });
    if (isDone) await Promise.all([state.reload(), violations.reload()]);
  }
  async function actOn(exception: Exception, action: 'close' | 'post-to-suspense'): Promise<void> {
    const isClose = action === 'close';
    const isDone = await ask({
      title: `${isClose ? 'Close' : 'Post to suspense:'} difference ${exception.id}`,
      says: html`<p>${
        isClose
          ? 'It changes no payment and no balance.'
          : 'What the gateway moved more or less than our books say goes from the clearing account to suspense, once. No wallet changes.'
      }</p>`,
      fields: [WHO, WHY],
      action: isClose ? 'Close it' : 'Post it',
      isDangerous: !isClose,
      onSubmit: (values) =>
        call('POST', `/api/v1/reconciliation/exceptions/${exception.id}/${action}`, values),
    });
    if (isDone) await exceptions.reload();
  }

  const violationColumns: readonly Column<Violation>[] = [
    {
      label: 'Violation',
      cell: ({ id, invariant }) => html`${id} <${Badge} state=${invariant} tone="bad" />`,
    },
    { label: 'Of what', cell: ({ subject }) => subject },
    {
      label: 'What is wrong',
      cell: ({ rule, detail }) => html`${formatName(rule)}<br /><small>${detail}</small>`,
    },
    { label: 'Found', cell: ({ found_at }) => html`<${Time} at=${found_at} />` },
    {
      label: 'Do',
      cell: (violation) =>
        violation.acknowledged_at === null && violation.whole_at === null
          ? html`<button type="button" class="small secondary" onClick=${() => acknowledge(violation)}>Acknowledge …</button>`
          : html`<small>${violation.whole_at === null ? `acknowledged by ${violation.acknowledged_by}: ${violation.acknowledged_reason}` : 'whole again'}</small>`,
    },
  ];
  const exceptionColumns: readonly Column<Exception>[] = [
    { label: 'Difference', cell: ({ id, kind }) => html`${id} <${Badge} state=${kind} tone="doubtful" />` },
    {
      label: 'Payment',
      cell: ({ payment_id, reference }) =>
        payment_id === null ? reference : html`<${PaymentLink} id=${payment_id} />`,
    },
    { label: 'Ours', cell: ({ ours }) => html`<${Said} statement=${ours} />` },
    { label: "Gateway's", cell: ({ theirs }) => html`<${Said} statement=${theirs} />` },
    {
      label: 'Seen',
      cell: ({ last_seen_at, seen_count }) =>
        html`<${Time} at=${last_seen_at} />${seen_count > 1 && ` (${seen_count} times)`}`,
    },
    {
      label: 'Do',
      cell: (exception) =>
        exception.closed_at === null
          ? html`<div class="buttons">
              <button type="button" class="small" onClick=${() => actOn(exception, 'close')}>Close …</button>
              <button type="button" class="small secondary" onClick=${() => actOn(exception, 'post-to-suspense')}>To suspense …</button>
            </div>`
          : html`<small>closed by ${exception.closed_by}: ${exception.closed_reason}</small>`,
    },
  ];
  const reportColumns: readonly Column<Report>[] = [
    { label: 'Report', cell: ({ id }) => id },
    {
      label: 'Result',
      cell: ({ status, error }) => html`<${Badge} state=${status} /> <small>${error}</small>`,
    },
    {
      label: 'Started',
      cell: ({ started_at, started_by }) => html`<${Time} at=${started_at} /> by ${started_by}`,
    },
    {
      label: 'Matched',
      isNumber: true,
      cell: ({ matched }) => (matched === null ? '–' : formatCount(matched)),
    },
    {
      label: 'In transit',
      isNumber: true,
      cell: ({ in_transit }) => (in_transit === null ? '–' : formatCount(in_transit)),
    },
    {
      label: 'Differences',
      cell: ({ differences }) =>
        Object.entries(differences ?? {})
          .filter(([, { found }]) => found > 0)
          .map(([kind, { found }]) => `${formatName(kind)} ${found}`)
          .join(', ') || 'none',
    },
  ];

  return html`<h1>Integrity and reconciliation</h1>
    ${state.error && html`<${Failure} error=${state.error} retry=${state.reload} />`}
    ${state.data && html`<${State} state=${state.data} />`}
    <div class="toolbar">
      <button type="button" aria-busy=${run.isBusy === true} disabled=${run.isBusy === true} onClick=${check}>Check now</button>
      <span role="status">${run.text}</span>
    </div>
    ${run.error && html`<${Failure} error=${run.error} />`}
    <${Heading} text="Violations" choices=${['open', 'all']} chosen=${violationState} choose=${setViolationState} />
    <${Table} caption="Violations, newest first" columns=${violationColumns} rows=${violations.items} error=${violations.error}
      retry=${violations.reload} more=${violations.more} empty="No violation stands: the books add up as far as they were checked." />
    <${Heading} text="Differences to the gateway" choices=${['open', 'closed', 'all']} chosen=${exceptionState} choose=${setExceptionState} />
    <${Table} caption="Differences, newest first" columns=${exceptionColumns} rows=${exceptions.items} error=${exceptions.error}
      retry=${exceptions.reload} more=${exceptions.more} empty="No difference is open: what the gateway says fits what we have." />
    <h2>Comparisons of the books</h2>
    <${Table} caption="Reports, newest first" columns=${reportColumns} rows=${reports.items} error=${reports.error}
      retry=${reports.reload} more=${reports.more} empty="The books were not compared yet. A worker does it every night; npm run reconcile does it now." />`;
}

function State({ state }: { readonly state: Integrity }) {
  return html`<${Facts} facts=${[
    ['The ledger', html`<${Badge} state=${state.status} /> ${state.reason}`],
    ['Checked up to', formatAge(state.checked_up_to)],
    [
      'Last run',
      state.last_run_at === null
        ? 'never'
        : `${formatAge(state.last_run_at)}, ${formatCount(state.last_rows_checked ?? 0)} rows`,
    ],
  ]} />
    <ul class="invariants">
      ${state.invariants.map(({ invariant, says, violations }) => html`<li><${Badge} state=${invariant} tone=${violations > 0 ? 'bad' : 'good'} /> ${says}${violations > 0 && `: ${violations} violations`}</li>`)}
    </ul>`;
}

function Heading({
  text,
  choices,
  chosen,
  choose,
}: {
  readonly text: string;
  readonly choices: readonly string[];
  readonly chosen: string;
  readonly choose: (choice: string) => void;
}) {
  return html`<div class="heading">
    <h2>${text}</h2>
    <select aria-label="${text}: which" onChange=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${choices.map((choice) => html`<option value=${choice} selected=${choice === chosen}>${choice}</option>`)}
    </select>
  </div>`;
}

function Said({ statement }: { readonly statement: Readonly<Record<string, unknown>> | null }) {
  if (statement === null) return html`<span>nothing</span>`;
  return html`<small>${Object.entries(statement)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${formatName(name)} ${value}`)
    .join(', ')}</small>`;
}
