import type { Overview, UnknownPayment } from '../answers.ts';
import { queryOf } from '../api.ts';
import { Badge } from '../badge.ts';
import { countOf } from '../count.ts';
import { describeNextQuestion } from '../describe-question.ts';
import { Choice } from '../fields.ts';
import { formatAge, formatName, formatTime } from '../format.ts';
import { html } from '../html.ts';
import { Empty, Facts, Failure, Loading, Money, PaymentLink, Time, Words } from '../parts.ts';
import { askToResolve } from '../resolve.ts';
import { navigate, type Route } from '../route.ts';
import { useList, useReloadWith } from '../use-api.ts';

type Fleet = Overview['workers'] | undefined;
const STATES = [
  ['', 'all'],
  ['needs_review', 'review needed'],
  ['asking', 'still being asked about'],
] as const;

export function UnknownPage({
  route: { query },
  overview,
}: {
  readonly route: Route;
  readonly overview: Overview | undefined;
}) {
  const { state = '' } = query;
  const workers = overview?.workers;
  const list = useList<UnknownPayment>('/api/v1/unknown-payments', { state });
  const { unknown, need_review } = overview?.attention ?? {};
  useReloadWith(overview && `${unknown} ${need_review}`, list.reload);
  const { items, error } = list;

  async function resolve(item: UnknownPayment, outcome: 'executed' | 'not_executed'): Promise<void> {
    if (await askToResolve(item.payment, outcome)) await list.reload();
  }

  return html`<h1>Unknown payments</h1>
    <p>The money of these payments may have moved: the gateway has not said. Workers keep asking it. Resolve a payment yourself
      only when you have found out what happened, for example from the gateway's statement.</p>
    <form class="search">
      <${Choice} label="Show" name="state" value=${state} options=${STATES}
        onChange=${(value: string) => navigate(`/unknown${queryOf({ state: value })}`)} />
    </form>
    ${error && html`<${Failure} error=${error} retry=${list.reload} />`}
    ${!items && !error && html`<${Loading} />`}
    ${items?.length === 0 && html`<${Empty}>${state === '' ? 'No payment is unknown.' : 'No unknown payment matches.'} A payment appears here if the gateway may have carried it out but has not said so.</${Empty}>`}
    <div class="cards">
      ${items?.map((item) => html`<${Card} key=${item.payment.payment_id} item=${item} workers=${workers} resolve=${resolve} />`)}
    </div>
    ${list.more && html`<button type="button" class="secondary outline" onClick=${list.more}>Show older ones</button>`}`;
}

function Card({
  item,
  workers,
  resolve,
}: {
  readonly item: UnknownPayment;
  readonly workers: Fleet;
  readonly resolve: (item: UnknownPayment, outcome: 'executed' | 'not_executed') => void;
}) {
  const { payment, attempts } = item;
  return html`<article>
    <header>
      <strong>Payment <${PaymentLink} id=${payment.payment_id} /></strong> ${payment.type}${' '}
      <${Money} minor=${payment.amount_minor} currency=${payment.currency} />${' '}
      ${item.needs_review_at && html`<${Badge} of="review" state="needed" />`}
    </header>
    <${Facts} facts=${[
      ...(item.gateway === 'default' ? [] : [['Gateway', item.gateway]]),
      ['Unknown since', html`<${Time} at=${item.unknown_since} /> (${formatAge(item.unknown_since)})`],
      ['Attempts that may have moved the money', `${attempts.unknown_count} of ${attempts.count}`],
      ['Attempts that succeeded too late to settle', attempts.succeeded_count],
      ['Last attempt', html`<${Time} at=${attempts.last_started_at} />`],
      ['Last error', html`<${Words}>${attempts.last_error ?? 'none'}</${Words}>`],
      ['Questions to the gateway', describeAsked(item)],
      ['Last answer', item.last_answer === null ? 'none' : formatName(item.last_answer)],
      [
        'Next question',
        describeNextQuestion(
          { atMs: Date.parse(item.next_ask_at), text: formatTime(item.next_ask_at) },
          { nowMs: Date.now(), workers, gateway: item.gateway },
        ),
      ],
    ]} />
    <footer class="buttons">
      <button type="button" onClick=${() => resolve(item, 'executed')}>It was executed …</button>
      <button type="button" class="secondary" onClick=${() => resolve(item, 'not_executed')}>It was not executed …</button>
    </footer>
  </article>`;
}

function describeAsked({ asked_count: asked, not_found_count: notFound }: UnknownPayment): string {
  if (asked === 0) return 'Not asked yet';
  const times = `Asked ${countOf(asked, 'time')}`;
  return notFound === 0 ? times : `${times}; it did not know the payment ${countOf(notFound, 'time')}`;
}
