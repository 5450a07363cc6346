import type { UnknownPayment } from '../answers.ts';
import { queryOf } from '../api.ts';
import { formatAge, formatTime } from '../format.ts';
import { html } from '../html.ts';
import { Badge, Empty, Facts, Failure, Money, PaymentLink } from '../parts.ts';
import { askToResolve } from '../resolve.ts';
import { navigate, type Route } from '../route.ts';
import { useList } from '../use-api.ts';

export function UnknownPage({ route: { query } }: { readonly route: Route }) {
  const { state = '' } = query;
  const list = useList<UnknownPayment>('/api/v1/unknown-payments', { state });
  const { items, error } = list;

  async function resolve(item: UnknownPayment, outcome: 'executed' | 'not_executed'): Promise<void> {
    if (await askToResolve(item.payment, outcome)) await list.reload();
  }

  return html`<h1>Unknown payments</h1>
    <p>The money of these may have moved, and the gateway has not told. It is asked on. End one yourself only when you
      have found out what is true, for example from the gateway's statement.</p>
    <form class="search">
      <label>Which
        <select name="state" onChange=${(event: Event) => navigate(`/unknown${queryOf({ state: (event.target as HTMLSelectElement).value })}`)}>
          ${[
            ['', 'all'],
            ['needs_review', 'those that need a person'],
            ['asking', 'those that the gateway is given time for'],
          ].map(([value, name]) => html`<option value=${value} selected=${value === state}>${name}</option>`)}
        </select>
      </label>
    </form>
    ${error && html`<${Failure} error=${error} retry=${list.reload} />`}
    ${!items && !error && html`<p aria-busy="true">Reading …</p>`}
    ${items?.length === 0 && html`<${Empty}>No payment is unknown. A payment comes here when a call to the gateway may have been carried out and nothing says so.</${Empty}>`}
    <div class="cards">
      ${items?.map((item) => html`<${Card} key=${item.payment.payment_id} item=${item} resolve=${resolve} />`)}
    </div>
    ${list.more && html`<button type="button" class="secondary outline" onClick=${list.more}>Show older ones</button>`}`;
}

function Card({
  item,
  resolve,
}: {
  readonly item: UnknownPayment;
  readonly resolve: (item: UnknownPayment, outcome: 'executed' | 'not_executed') => void;
}) {
  const { payment, attempts } = item;
  return html`<article>
    <header>
      <strong>Payment <${PaymentLink} id=${payment.payment_id} /></strong> ${payment.type}${' '}
      <${Money} amount=${payment.amount} currency=${payment.currency} />${' '}
      ${item.needs_review_at && html`<${Badge} state="needs_review" />`}
    </header>
    <${Facts} facts=${[
      ['Unknown since', formatAge(item.unknown_since)],
      ['Tries that may have moved the money', `${attempts.unknown_count} of ${attempts.count}`],
      ['Tries answered with success, too late', attempts.succeeded_count],
      ['Last try', attempts.last_started_at === null ? '–' : formatTime(attempts.last_started_at)],
      ['Last error', attempts.last_error ?? '–'],
      ['Asked', `${item.asked_count} times, “does not know it” ${item.not_found_count} times`],
      ['Last answer', item.last_answer ?? '–'],
      ['Next question', formatTime(item.next_ask_at)],
    ]} />
    <footer class="buttons">
      <button type="button" onClick=${() => resolve(item, 'executed')}>It was executed …</button>
      <button type="button" class="secondary" onClick=${() => resolve(item, 'not_executed')}>It was not executed …</button>
    </footer>
  </article>`;
}
