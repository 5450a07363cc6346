import { useState } from 'preact/hooks';
import type { BulkRedrive } from '../answers.ts';
import { call } from '../api.ts';
import { ask, WHO } from '../ask.ts';
import { Badge } from '../badge.ts';
import { countOf, formatCount } from '../count.ts';
import { formatName } from '../format.ts';
import { html } from '../html.ts';
import { Failure, Time, Words } from '../parts.ts';
import { useApi } from '../use-api.ts';

const EVERY_MS = 1000;
const DONE_SHOWN = 3;

/** The progress of bulk redrives: those that are running or stopped, and the last that ended. */
export function BulkRedrives({ onProgress }: { readonly onProgress: () => void }) {
  const [handledCount, setHandledCount] = useState(-1);
  const { data, error, reload } = useApi<{ items: BulkRedrive[] }>('/api/v1/bulk-redrives', {
    everyMs: EVERY_MS,
    onData({ items }) {
      const count = items.reduce((sum, redrive) => sum + handledOf(redrive), 0);
      if (handledCount >= 0 && count !== handledCount) onProgress();
      setHandledCount(count);
    },
  });
  if (error) return html`<${Failure} error=${error} retry=${reload} />`;
  const open = data?.items.filter(({ state }) => state !== 'done') ?? [];
  const done = data?.items.filter(({ state }) => state === 'done').slice(0, DONE_SHOWN) ?? [];
  if (open.length + done.length === 0) return null;
  return html`<details class="bulk" open=${open.length > 0}>
    <summary>Bulk redrives (${open.length} not done)</summary>
    ${[...open, ...done].map((redrive) => html`<${Progress} key=${redrive.id} redrive=${redrive} reload=${reload} />`)}
  </details>`;
}

function handledOf({ redriven, refused, withheld, skipped, failed }: BulkRedrive): number {
  return redriven + refused + withheld + skipped + failed;
}

function Progress({
  redrive,
  reload,
}: {
  readonly redrive: BulkRedrive;
  readonly reload: () => Promise<void>;
}) {
  const { id, state, filter, total } = redrive;
  const steer = async (action: 'stop' | 'resume') => {
    const isSent = await ask({
      title: `${action === 'stop' ? 'Stop' : 'Resume'} bulk redrive ${id}`,
      says: html`<p>${action === 'stop' ? 'Letters that were already redriven stay redriven. You can resume it later.' : 'It continues where it stopped.'}</p>`,
      fields: [WHO],
      action: action === 'stop' ? 'Stop' : 'Resume',
      async onSubmit(values) {
        await call('POST', `/api/v1/bulk-redrives/${id}/${action}`, values);
        return `Bulk redrive ${id} was ${action === 'stop' ? 'stopped' : 'resumed'}.`;
      },
    });
    if (isSent) await reload();
  };
  const what =
    filter.letters !== null
      ? 'selected letters'
      : [
          filter.reasons?.map(formatName).join(' or '),
          filter.type,
          filter.user_id !== null && `user ${filter.user_id}`,
        ]
          .filter(Boolean)
          .join(', ') || 'all open letters';
  const told = [
    `${formatCount(redrive.redriven)} redriven`,
    redrive.refused > 0 && `${formatCount(redrive.refused)} refused, because the wallet does not hold enough`,
    redrive.withheld > 0 && `${formatCount(redrive.withheld)} skipped, because the money may have moved`,
    redrive.skipped > 0 && `${formatCount(redrive.skipped)} already handled`,
    redrive.failed > 0 && `${formatCount(redrive.failed)} failed`,
  ].filter(Boolean);
  return html`<article class="progress">
    <p><strong>${id}</strong> <${Badge} of="bulk redrive" state=${state} /> ${what} · by <${Words}>${redrive.by}</${Words}>: <${Words}>${redrive.reason}</${Words}> · <${Time} at=${redrive.created_at} /></p>
    <progress max=${Math.max(total, 1)} value=${state === 'done' ? Math.max(total, 1) : handledOf(redrive)} aria-label="Progress of bulk redrive ${id}"></progress>
    <p>${countOf(total, 'letter')}: ${told.join(', ')}${state === 'running' && ` (at most ${redrive.per_second} per second)`}
      ${state === 'running' && html` <button type="button" class="small secondary" onClick=${() => steer('stop')}>Stop</button>`}
      ${state === 'stopped' && html` <button type="button" class="small" onClick=${() => steer('resume')}>Resume</button>`}</p>
  </article>`;
}
