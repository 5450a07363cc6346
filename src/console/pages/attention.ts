import type { Overview } from '../answers.ts';
import type { Tone } from '../badge.ts';
import { countOf } from '../count.ts';
import { formatDuration, formatName } from '../format.ts';
import { type Content, html } from '../html.ts';
import { countStopped, listStopped } from '../stopped-workers.ts';

type Note = readonly [tone: Tone, text: Content];
type Count = (value: number) => string;

/** Reasons of dead letters whose payments are unknown: they are counted as unknown payments, not a second time. */
const UNKNOWN_REASONS: ReadonlySet<string> = new Set(['outcome_unknown', 'poison']);

/** A worker lets go of a hold within a minute or so after its time is over. */
const LATE_HOLD_SECONDS = 300;

/** What a person should look at, with links. What happens to new payments is said above, on every page. */
export function Attention({ overview, count }: { readonly overview: Overview; readonly count: Count }) {
  const notes = [
    ...noteService(overview),
    ...noteUnknown(overview.attention, count),
    ...noteFailed(overview.attention, count),
    ...noteDifferences(overview.attention, count),
    ...noteMoney(overview.attention),
  ];
  if (notes.length === 0) notes.push(['good', 'Nothing needs a person.']);
  return html`<ul class="attention" aria-label="What needs a person">
    ${notes.map(([tone, text]) => html`<li class="notice ${tone}">${text}</li>`)}
  </ul>`;
}

function* noteService({ attention, workers, queue }: Overview): Generator<Note> {
  if (attention.violations > 0)
    yield [
      'bad',
      html`<a href="#/integrity">The ledger has open violations</a>: somebody must look at them.`,
    ];
  if (workers.alive === 0) yield ['bad', html`<a href="#/workers">No worker is running.</a>`];
  if (workers.paused) yield ['doubtful', html`<a href="#/workers">Claiming is paused.</a>`];
  const stoppedCount = countStopped(workers);
  if (stoppedCount > 0)
    yield [
      'doubtful',
      html`<a href="#/workers">The gateway is failing</a>: ${stoppedCount} of ${countOf(workers.alive, 'worker has', { many: 'workers have' })} stopped calling it, until a probe succeeds.`,
    ];
  for (const stopped of listStopped(workers))
    yield [
      'doubtful',
      html`<a href="#/workers">The gateway ${stopped.gateway} is failing</a>: ${stopped.stoppedCount} of ${countOf(workers.alive, 'worker has', { many: 'workers have' })} stopped calling it, until a probe succeeds.`,
    ];
  if (queue.oldest_ready_seconds > 60)
    yield [
      'doubtful',
      `The oldest ready task has been waiting for ${formatDuration(queue.oldest_ready_seconds)}.`,
    ];
}

function* noteUnknown(attention: Overview['attention'], count: Count): Generator<Note> {
  const { unknown, need_review: reviewCount, oldest_unknown_seconds: oldestSeconds } = attention;
  if (unknown === 0) return;
  const review =
    reviewCount > 0 &&
    html`; <a href="#/unknown?state=needs_review">${countOf(reviewCount, 'of them needs', { many: 'of them need', shown: count(reviewCount) })} a person</a>`;
  yield [
    reviewCount > 0 ? 'doubtful' : 'calm',
    html`<a href="#/unknown">${countOf(unknown, 'unknown payment', { shown: count(unknown) })}</a>${review}. The gateway is asked about them; the oldest has been unknown for ${formatDuration(oldestSeconds)}.`,
  ];
}

function* noteFailed({ dead_letters: letters }: Overview['attention'], count: Count): Generator<Note> {
  const failed = Object.entries(letters).filter(([reason]) => !UNKNOWN_REASONS.has(reason));
  const failedCount = failed.reduce((sum, [, each]) => sum + each, 0);
  if (failedCount === 0) return;
  const reasons = failed.map(([reason, each]) => `${formatName(reason)} ${count(each)}`).join(', ');
  yield [
    'calm',
    html`<a href="#/dead-letters">${countOf(failedCount, 'failed payment', { shown: count(failedCount) })}</a> in the dead letters, not handled yet: ${reasons}.`,
  ];
}

function* noteDifferences(
  { open_exceptions: openCount }: Overview['attention'],
  count: Count,
): Generator<Note> {
  if (openCount === 0) return;
  yield [
    'doubtful',
    html`<a href="#/integrity">${countOf(openCount, 'open difference', { shown: count(openCount) })}</a> between the gateway's records and ours. A difference may be about a payment that is counted above.`,
  ];
}

function* noteMoney({
  held_rates: heldCount,
  oldest_overdue_hold_seconds: overdueSeconds,
}: Overview['attention']): Generator<Note> {
  if (heldCount > 0)
    yield [
      'doubtful',
      html`<a href="#/rates">${countOf(heldCount, 'exchange rate has', { many: 'exchange rates have' })} jumped</a>: their currencies are not converted until somebody has looked.`,
    ];
  if (overdueSeconds > LATE_HOLD_SECONDS)
    yield [
      'doubtful',
      html`<a href="#/holds?state=overdue">Money is still held for orders</a> whose time was over ${formatDuration(overdueSeconds)} ago.`,
    ];
}
