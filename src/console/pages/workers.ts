import type { Workers } from '../answers.ts';
import { call } from '../api.ts';
import { ask, WHO, WHY } from '../ask.ts';
import { formatAge, formatTime } from '../format.ts';
import { html } from '../html.ts';
import { Badge, Empty, Facts, Failure, PaymentLink } from '../parts.ts';
import { useApi } from '../use-api.ts';

const EVERY_MS = 2000;
type Worker = Workers['items'][number];

export function WorkersPage() {
  const { data, error, reload } = useApi<Workers>('/api/v1/workers', { everyMs: EVERY_MS });

  async function pause(): Promise<void> {
    const isDone = await ask({
      title: 'Pause claiming',
      says: html`<p>Every worker stops taking payments within seconds. Calls under way are settled; payments are accepted and wait.</p>`,
      fields: [WHO, WHY],
      action: 'Pause',
      isDangerous: true,
      onSubmit: (values) => call('POST', '/api/v1/workers/pause', values),
    });
    if (isDone) await reload();
  }
  async function resume(): Promise<void> {
    const isDone = await ask({
      title: 'Resume claiming',
      fields: [WHO],
      action: 'Resume',
      onSubmit: (values) => call('POST', '/api/v1/workers/resume', values),
    });
    if (isDone) await reload();
  }

  return html`<h1>Workers</h1>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!data && !error && html`<p aria-busy="true">Reading …</p>`}
    ${
      data &&
      (data.pause
        ? html`<div class="notice doubtful" role="status">
            <p>Claiming is paused since ${formatTime(data.pause.at)} by ${data.pause.by}: ${data.pause.reason}</p>
            <button type="button" onClick=${resume}>Resume claiming …</button>
          </div>`
        : html`<div class="toolbar"><button type="button" class="secondary" onClick=${pause}>Pause claiming …</button></div>`)
    }
    ${data?.items.length === 0 && html`<${Empty}>No worker was heard of in the last day. Start one with npm run worker; until then payments are accepted and wait.</${Empty}>`}
    <div class="cards">${data?.items.map((worker) => html`<${Card} key=${worker.id} worker=${worker} />`)}</div>`;
}

function Card({ worker }: { readonly worker: Worker }) {
  const { waiting, calling, held, concurrency, gateway } = worker.state as Record<string, unknown>;
  const { breaker, since, next_probe_at, calls_per_second_limit } = (gateway ?? {}) as Record<
    string,
    string | null
  >;
  return html`<article>
    <header><strong>${worker.id}</strong> <${Badge} state=${worker.alive ? 'alive' : 'lost'} /></header>
    <${Facts} facts=${[
      ['Heard of', formatAge(worker.heartbeat_at)],
      ['Started', formatTime(worker.started_at)],
      ['Version', worker.version],
      ['Process', `${worker.process_id} on ${worker.host}`],
      ['Calls under way', `${calling ?? '–'} of ${concurrency ?? '–'}`],
      ['Held', `${held ?? '–'}, ${waiting ?? '–'} of them wait`],
      [
        'Gateway',
        html`<${Badge} state=${breaker ?? 'unknown'} /> ${since ? `since ${formatTime(since)}` : ''}${next_probe_at ? `, next probe ${formatTime(next_probe_at)}` : ''}`,
      ],
      ['Calls per second', calls_per_second_limit ?? 'no limit'],
    ]} />
    ${
      worker.tasks.length > 0 &&
      html`<details>
        <summary>${worker.running} tasks</summary>
        <ul>${worker.tasks.map((task) => html`<li>payment <${PaymentLink} id=${task.payment_id} />, ${task.attempts} tries before, lease until ${formatTime(task.lease_expires_at)}</li>`)}</ul>
      </details>`
    }
  </article>`;
}
