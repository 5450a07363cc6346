import { useState } from 'preact/hooks';
import type { Overview } from '../answers.ts';
import { Badge } from '../badge.ts';
import { Chart } from '../chart.ts';
import { countOf, formatCount } from '../count.ts';
import { formatDuration } from '../format.ts';
import { type Content, html } from '../html.ts';
import { Failure, Loading } from '../parts.ts';
import { useApi } from '../use-api.ts';
import { Attention } from './attention.ts';

const EVERY_MS = 2000;
/** Five minutes, with a snapshot every two seconds. */
const MOST_POINTS = 150;
/** The database's counters lag by a second and move in steps, so a rate is computed over several snapshots. */
const RATE_SPAN = 4;

/** Kept outside the component, so that the charts continue when a person comes back to the page. */
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
  if (!latest) return html`<h1>Overview</h1>${failure ?? html`<${Loading} />`}`;

  const times = snapshots.map(({ at }) => Date.parse(at) / 1000);
  const count = (value: number) => `${formatCount(value)}${value >= latest.count_limit ? ' or more' : ''}`;
  return html`<h1>Overview</h1>
    ${failure}
    <${Attention} overview=${latest} count=${count} />
    <div class="tiles">
      <${Tile} name="Accepted per second" value=${rateAt(snapshots, 'accepted_total', snapshots.length - 1)?.toFixed(1) ?? '…'} />
      <${Tile} name="Median time to success" value=${formatDuration(latest.newest.p50_seconds)} />
      <${Tile} name="Ready in the queue" value=${count(latest.queue.ready)}
        more=${latest.queue.ready > 0 && `the oldest for ${formatDuration(latest.queue.oldest_ready_seconds)}`} />
      <${Tile} name="With workers" value=${count(latest.queue.running)} />
      <${Tile} name="Waiting to retry" value=${count(latest.queue.scheduled)} />
      <${Tile} name="Workers alive" value=${latest.workers.alive}
        more=${html`<a href="#/workers">${latest.workers.paused ? 'claiming is paused' : 'show workers'}</a>`} />
      <${Tile} name="Gateway" value=${html`<${Breakers} breakers=${latest.workers.breakers} />`} />
    </div>
    <div class="charts">
      <${Chart} title="Throughput" unit="payments per second" leastTop=${1}
        lines=${[{ label: 'accepted', color: '--chart-1' }, { label: 'ended', color: '--chart-2' }]}
        points=${[
          times,
          snapshots.map((_, index) => rateAt(snapshots, 'accepted_total', index)),
          snapshots.map((_, index) => rateAt(snapshots, 'ended_total', index)),
        ]} />
      <${Chart} title="Time from acceptance to success" unit="seconds, newest 1,000 payments" leastTop=${0.05}
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
      <${Chart} title="Queue" unit="payments" leastTop=${5}
        lines=${[
          { label: 'ready', color: '--chart-1' },
          { label: 'with workers', color: '--chart-2' },
          { label: 'waiting to retry', color: '--chart-3' },
        ]}
        points=${[
          times,
          snapshots.map(({ queue }) => queue.ready),
          snapshots.map(({ queue }) => queue.running),
          snapshots.map(({ queue }) => queue.scheduled),
        ]} />
      <${Chart} title="Newest payments" unit="of the last 1,000, the rest succeeded" leastTop=${5}
        lines=${[
          { label: 'failed', color: '--chart-3' },
          { label: 'unknown', color: '--chart-4' },
          { label: 'in progress', color: '--chart-1' },
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
  if (states.length === 0) return html`<span>not known: no worker</span>`;
  return html`<span>${states.map(([state, count]) => html`<${Badge} of="breaker" state=${state} /> <small>${countOf(count, 'worker')}</small> `)}</span>`;
}
