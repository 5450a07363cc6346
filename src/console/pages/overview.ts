import { useState } from 'preact/hooks';
import type { Overview } from '../answers.ts';
import { Chart } from '../chart.ts';
import { formatCount, formatDuration, formatName } from '../format.ts';
import { type Content, html } from '../html.ts';
import { Badge, Failure } from '../parts.ts';
import { useApi } from '../use-api.ts';

const EVERY_MS = 2000;
/** Five minutes of a snapshot every two seconds. */
const MOST_POINTS = 150;
/** Counters of the database come a second late and in steps, so a rate is taken over a few snapshots. */
const RATE_SPAN = 4;

/** Kept outside the page, so that the charts go on when a person comes back to it. */
let history: readonly Overview[] = [];

export function OverviewPage() {
  const [snapshots, setSnapshots] = useState(history);
  const { data, error, reload } = useApi<Overview>('/api/v1/overview', {
    everyMs: EVERY_MS,
    onData(snapshot) {
      history = [...history, snapshot].slice(-MOST_POINTS);
      setSnapshots(history);
    },
  });
  const latest = data ?? snapshots.at(-1);
  const failure = error && html`<${Failure} error=${error} retry=${reload} />`;
  if (!latest) return html`<h1>Overview</h1>${failure ?? html`<p aria-busy="true">Reading …</p>`}`;

  const times = snapshots.map(({ at }) => Date.parse(at) / 1000);
  const count = (value: number) => `${formatCount(value)}${value >= latest.count_limit ? ' or more' : ''}`;
  return html`<h1>Overview</h1>
    ${failure}
    <${Attention} overview=${latest} count=${count} />
    <div class="tiles">
      <${Tile} name="Accepted" value="${rateAt(snapshots, 'accepted_total', snapshots.length - 1)?.toFixed(1) ?? '–'} /s" />
      <${Tile} name="Median to success" value=${formatDuration(latest.newest.p50_seconds)} />
      <${Tile} name="Ready in the queue" value=${count(latest.queue.ready)}
        more=${latest.queue.ready > 0 && `oldest waits ${formatDuration(latest.queue.oldest_ready_seconds)}`} />
      <${Tile} name="With workers" value=${count(latest.queue.running)} more="${count(latest.queue.scheduled)} wait for their next try" />
      <${Tile} name="Workers alive" value=${latest.workers.alive}
        more=${html`<a href="#/workers">${latest.workers.paused ? 'claiming is paused' : 'look at them'}</a>`} />
      <${Tile} name="Gateway, as workers see it" value=${html`<${Breakers} breakers=${latest.workers.breakers} />`} />
    </div>
    <div class="charts">
      <${Chart} title="Throughput" unit="payments per second" leastTop=${1}
        lines=${[{ label: 'accepted', color: '--chart-1' }, { label: 'ended', color: '--chart-2' }]}
        points=${[
          times,
          snapshots.map((_, index) => rateAt(snapshots, 'accepted_total', index)),
          snapshots.map((_, index) => rateAt(snapshots, 'ended_total', index)),
        ]} />
      <${Chart} title="From acceptance to success" unit="seconds, newest 1000 payments" leastTop=${0.05}
        lines=${[
          { label: 'median', color: '--chart-1' },
          { label: '95 %', color: '--chart-2' },
          { label: '99 %', color: '--chart-3' },
        ]}
        points=${[
          times,
          snapshots.map(({ newest }) => newest.p50_seconds),
          snapshots.map(({ newest }) => newest.p95_seconds),
          snapshots.map(({ newest }) => newest.p99_seconds),
        ]} />
      <${Chart} title="Queue" unit="tasks" leastTop=${5}
        lines=${[
          { label: 'ready', color: '--chart-1' },
          { label: 'running', color: '--chart-2' },
          { label: 'waiting to retry', color: '--chart-3' },
        ]}
        points=${[
          times,
          snapshots.map(({ queue }) => queue.ready),
          snapshots.map(({ queue }) => queue.running),
          snapshots.map(({ queue }) => queue.scheduled),
        ]} />
      <${Chart} title="Newest payments" unit="of 1000" leastTop=${5}
        lines=${[
          { label: 'failed', color: '--chart-3' },
          { label: 'unknown', color: '--chart-4' },
          { label: 'open', color: '--chart-1' },
        ]}
        points=${[
          times,
          snapshots.map(({ newest }) => newest.failed),
          snapshots.map(({ newest }) => newest.unknown),
          snapshots.map(({ newest }) => newest.open),
        ]} />
    </div>`;
}

function rateAt(
  snapshots: readonly Overview[],
  key: 'accepted_total' | 'ended_total',
  index: number,
): number | null {
  const now = snapshots[index];
  const before = snapshots[index - RATE_SPAN];
  if (!now || !before) return null;
  const seconds = (Date.parse(now.at) - Date.parse(before.at)) / 1000;
  return seconds > 0 ? Math.max(0, now[key] - before[key]) / seconds : null;
}

function Tile({
  name,
  value,
  more,
}: {
  readonly name: string;
  readonly value: Content;
  readonly more?: Content;
}) {
  return html`<div class="tile"><span>${name}</span><strong>${value}</strong><small>${more}</small></div>`;
}

function Breakers({ breakers }: { readonly breakers: Overview['workers']['breakers'] }) {
  const states = Object.entries(breakers);
  if (states.length === 0) return html`<span>no worker to ask</span>`;
  return html`<span>${states.map(([state, count]) => html`<${Badge} state=${state} /> ${count} `)}</span>`;
}

/** What a person should look at, with the way there. */
function Attention({
  overview: { attention, workers, queue },
  count,
}: {
  readonly overview: Overview;
  readonly count: (value: number) => string;
}) {
  const letters = Object.entries(attention.dead_letters);
  const letterCount = letters.reduce((sum, [, each]) => sum + each, 0);
  const notes: [tone: string, text: Content][] = [];
  if (attention.violations > 0)
    notes.push([
      'bad',
      html`<a href="#/integrity">The ledger is not sound</a>: no money is moved until somebody has looked.`,
    ]);
  if (workers.alive === 0)
    notes.push(['bad', html`<a href="#/workers">No worker is alive</a>: payments are accepted and wait.`]);
  if (workers.paused)
    notes.push([
      'doubtful',
      html`<a href="#/workers">Claiming is paused</a>: payments are accepted and wait.`,
    ]);
  if ((workers.breakers.open ?? 0) + (workers.breakers.half_open ?? 0) > 0)
    notes.push(['doubtful', 'The gateway is believed to be down; payments wait until a probe gets through.']);
  if (queue.oldest_ready_seconds > 60)
    notes.push([
      'doubtful',
      `The oldest ready task has been waiting for ${formatDuration(queue.oldest_ready_seconds)}.`,
    ]);
  if (attention.need_review > 0)
    notes.push([
      'doubtful',
      html`<a href="#/unknown?state=needs_review">${plural(count, attention.need_review, 'unknown payment')}</a> ${attention.need_review === 1 ? 'needs' : 'need'} a person.`,
    ]);
  if (attention.open_exceptions > 0)
    notes.push([
      'doubtful',
      html`<a href="#/integrity">${plural(count, attention.open_exceptions, 'open difference')}</a> to the gateway's word.`,
    ]);
  if (letterCount > 0)
    notes.push([
      'calm',
      html`<a href="#/dead-letters">${plural(count, letterCount, 'open dead letter')}</a>: ${letters.map(([reason, each]) => `${formatName(reason)} ${formatCount(each)}`).join(', ')}.`,
    ]);
  if (attention.unknown > 0)
    notes.push([
      'calm',
      html`<a href="#/unknown">${plural(count, attention.unknown, 'unknown payment')}</a>; the gateway is asked, about the first for ${formatDuration(attention.oldest_unknown_seconds)}.`,
    ]);
  if (notes.length === 0) notes.push(['good', 'Nothing needs you.']);
  return html`<ul class="attention">${notes.map(([tone, text]) => html`<li class="notice ${tone}">${text}</li>`)}</ul>`;
}

function plural(count: (value: number) => string, value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}
