import type { Workers } from '../answers.ts';
import { call } from '../api.ts';
import { ask, WHO, WHY } from '../ask.ts';
import { Badge } from '../badge.ts';
import { countOf } from '../count.ts';
import { formatAge } from '../format.ts';
import { type Content, html } from '../html.ts';
import { Empty, Facts, Failure, Loading, PaymentLink, Time, Words } from '../parts.ts';
import { useApi } from '../use-api.ts';

const EVERY_MS = 2000;
type Worker = Workers['items'][number];

export function WorkersPage() {
  const { data, error, reload } = useApi<Workers>('/api/v1/workers', { everyMs: EVERY_MS });

  async function pause(): Promise<void> {
    const isSent = await ask({
      title: 'Pause claiming',
      says: html`<p>Every worker stops taking payments within seconds. Calls in progress are finished and settled; everything else stays in the queue until you resume. Nothing is lost.</p>`,
      fields: [WHO, WHY],
      action: 'Pause',
      isDangerous: true,
      async onSubmit(values) {
        await call('POST', '/api/v1/workers/pause', values);
        return 'Claiming was paused.';
      },
    });
    if (isSent) await reload();
  }
  async function resume(): Promise<void> {
    const isSent = await ask({
      title: 'Resume claiming',
      says: html`<p>Workers take payments from the queue again within seconds.</p>`,
      fields: [WHO],
      action: 'Resume',
      async onSubmit(values) {
        await call('POST', '/api/v1/workers/resume', values);
        return 'Claiming was resumed.';
      },
    });
    if (isSent) await reload();
  }

  return html`<h1>Workers</h1>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!data && !error && html`<${Loading} />`}
    ${
      data &&
      (data.pause
        ? html`<div class="notice doubtful" role="status" aria-label="The pause">
            <p>Claiming is paused since <${Time} at=${data.pause.at} /> by <${Words}>${data.pause.by}</${Words}>: <${Words}>${data.pause.reason}</${Words}></p>
            <button type="button" onClick=${resume}>Resume claiming …</button>
          </div>`
        : html`<div class="toolbar"><button type="button" class="secondary" onClick=${pause}>Pause claiming …</button></div>`)
    }
    ${data?.items.length === 0 && html`<${Empty}>No worker has reported in the last day. Start one with <code>npm run worker</code>.</${Empty}>`}
    <div class="cards">${data?.items.map((worker) => html`<${Card} key=${worker.id} worker=${worker} />`)}</div>`;
}

function Card({ worker }: { readonly worker: Worker }) {
  const {
    waiting,
    calling,
    held,
    concurrency,
    gateway,
    further_gateways: further,
  } = worker.state as Record<string, unknown>;
  return html`<article>
    <header><strong>${worker.id}</strong> <${Badge} of="worker" state=${worker.alive ? 'alive' : 'lost'} /></header>
    ${!worker.alive && html`<p>This worker has stopped reporting. Below is its last report.</p>`}
    <${Facts} facts=${[
      ['Last report', formatAge(worker.heartbeat_at)],
      ['Started', html`<${Time} at=${worker.started_at} />`],
      ['Version', worker.version],
      ['Process', `${worker.process_id} on ${worker.host}`],
      ['Calls in progress', calling === undefined ? 'not known' : `${calling} of at most ${concurrency}`],
      [
        'Payments it holds',
        held === undefined ? 'not known' : `${held}, of which ${waiting} wait for a call`,
      ],
      ...gatewayFacts('Gateway', gateway, worker),
      ...Object.entries(further ?? {}).flatMap(([name, state]) =>
        gatewayFacts(`Gateway ${name}`, state, worker),
      ),
    ]} />
    ${
      worker.tasks.length > 0 &&
      html`<details>
        <summary>${countOf(worker.running, 'task')}</summary>
        <ul>${worker.tasks.map((task) => html`<li>Payment <${PaymentLink} id=${task.payment_id} />, ${countOf(task.attempts, 'earlier attempt')}, <${Lease} until=${task.lease_expires_at} /></li>`)}</ul>
      </details>`
    }
  </article>`;
}

type GatewayState = Readonly<Record<string, string | null>>;

/** What a worker knows about a gateway. */
function gatewayFacts(name: string, reported: unknown, worker: Worker): (readonly [string, Content])[] {
  const state = (reported ?? {}) as GatewayState;
  return [
    [name, html`<${Breaker} worker=${worker} state=${state} />`],
    [
      name === 'Gateway' ? 'Calls per second' : `${name}, calls per second`,
      state.calls_per_second_limit ?? 'no limit',
    ],
  ];
}

/** A probe whose time has passed is due now, unless the worker is gone. */
function Breaker({ worker, state }: { readonly worker: Worker; readonly state: GatewayState }) {
  const { breaker, since, next_probe_at: probe } = state;
  const means = { closed: 'calls go out', open: 'no calls go out', half_open: 'a probe is in progress' }[
    breaker ?? ''
  ];
  const isDue = probe && Date.parse(probe) <= Date.now();
  return html`<${Badge} of="breaker" state=${breaker ?? 'unknown'} /> ${worker.alive && means}
    ${since && html`, since <${Time} at=${since} />`}${worker.alive && probe && (isDue ? '; a probe is due now' : html`; next probe <${Time} at=${probe} />`)}`;
}

function Lease({ until }: { readonly until: string }) {
  return Date.parse(until) <= Date.now()
    ? html`<span>lease expired, another worker takes over</span>`
    : html`<span>lease until <${Time} at=${until} /></span>`;
}
