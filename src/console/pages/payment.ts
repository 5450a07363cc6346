import type { Evidence, Payment, Timeline } from '../answers.ts';
import { formatMoney, formatName } from '../format.ts';
import { type Content, html } from '../html.ts';
import { Badge, Facts, Failure, Money, PaymentLink, Time, UserLink } from '../parts.ts';
import { askToResolve } from '../resolve.ts';
import { useApi } from '../use-api.ts';

const EVERY_MS = 3000;

export function PaymentPage({ id }: { readonly id: string }) {
  const path = `/api/v1/payments/${encodeURIComponent(id)}`;
  const payment = useApi<Payment>(path, { everyMs: EVERY_MS });
  const timeline = useApi<Timeline>(payment.data && `${path}/timeline`, { everyMs: EVERY_MS });
  const { data } = payment;

  async function resolve(outcome: 'executed' | 'not_executed'): Promise<void> {
    if (data && (await askToResolve(data, outcome))) await Promise.all([payment.reload(), timeline.reload()]);
  }

  return html`<p><a href="#/payments">Payments</a></p>
    <h1>Payment ${id}</h1>
    ${payment.error && html`<${Failure} error=${payment.error} retry=${payment.reload} />`}
    ${!data && !payment.error && html`<p aria-busy="true">Reading …</p>`}
    ${data && html`<${PaymentFacts} payment=${data} />`}
    ${
      data?.status === 'unknown' &&
      html`<div class="notice doubtful">
        <p>The money may have moved. The gateway is asked on; end it yourself only when you have found out what is true.</p>
        <div class="buttons">
          <button type="button" onClick=${() => resolve('executed')}>It was executed …</button>
          <button type="button" class="secondary" onClick=${() => resolve('not_executed')}>It was not executed …</button>
        </div>
      </div>`
    }
    ${data && html`<h2>What happened</h2>`}
    ${timeline.error && html`<${Failure} error=${timeline.error} retry=${timeline.reload} />`}
    ${
      timeline.data &&
      html`<ol class="timeline">
        ${timeline.data.items.map((item) => {
          const { title, details } = describe(item, timeline.data?.currency ?? '');
          return html`<li><${Time} at=${item.at} /><div><strong>${title}</strong>${details}</div></li>`;
        })}
      </ol>`
    }`;
}

function PaymentFacts({ payment }: { readonly payment: Payment }) {
  const money = (amount: number) => html`<${Money} amount=${amount} currency=${payment.currency} />`;
  return html`<${Facts} facts=${[
    [
      'Status',
      html`<${Badge} state=${payment.status} />${payment.needs_review && html` <${Badge} state="needs_review" />`}`,
    ],
    ['Type', payment.type],
    ['Amount', money(payment.amount)],
    ['Fee', money(payment.commission)],
    ['User', html`<${UserLink} id=${payment.user_id} />`],
    ['In the ledger', payment.transaction_status],
    ['Tries', payment.attempts],
    ["Gateway's reference", payment.gateway_reference ?? '–'],
    ['Last error', payment.last_error ?? '–'],
    ['Accepted', html`<${Time} at=${payment.created_at} />`],
    ['Last changed', html`<${Time} at=${payment.updated_at} />`],
    ...(payment.redrive_of === null
      ? []
      : [['Redrive of', html`<${PaymentLink} id=${payment.redrive_of} />`]]),
  ]} />`;
}

function describe(item: Timeline['items'][number], currency: string): { title: Content; details?: Content } {
  switch (item.kind) {
    case 'accepted':
      return { title: 'Accepted' };
    case 'needs_review':
      return { title: 'Unknown for so long that a person has to look' };
    case 'held':
      return { title: html`Held <${Money} amount=${item.hold.amount} currency=${currency} />` };
    case 'released':
      return { title: html`Released <${Money} amount=${item.hold.amount} currency=${currency} />` };
    case 'ledger':
      return {
        title: html`Ledger: ${item.transaction.step}`,
        details: html`<ul class="entries">
          ${item.transaction.entries.map(
            ({ account, amount }) =>
              html`<li><span>${account}</span><span class="number">${formatMoney(amount, currency)}</span></li>`,
          )}
        </ul>`,
      };
    case 'attempt': {
      const { attempt, outcome, inquiry, http_status, error, latency_ms, worker } = item.attempt;
      return {
        title: html`Try ${attempt}: <${Badge} state=${outcome ?? 'under_way'} />`,
        details: html`<p>${[
          inquiry && `the gateway was asked first and said ${formatName(inquiry)}`,
          http_status && `HTTP ${http_status}`,
          latency_ms !== null && `${latency_ms} ms`,
          error,
          `by ${worker}`,
        ]
          .filter(Boolean)
          .join(' · ')}</p>`,
      };
    }
    case 'inquiry':
      return {
        title: html`The gateway was asked: <${Badge} state=${item.inquiry.answer} />`,
        details: html`<p>question ${item.inquiry.asked_count}${item.inquiry.detail && ` · ${item.inquiry.detail}`}</p>`,
      };
    case 'callback':
      return {
        title: html`The gateway called back: <${Badge} state=${item.callback.status} />`,
        details: html`<p>${item.callback.amount} ${item.callback.currency} · event ${item.callback.event_id} · ${
          item.callback.result ?? 'not processed yet'
        }${item.callback.delivery_count > 1 && ` · delivered ${item.callback.delivery_count} times`}${item.callback.message && ` · ${item.callback.message}`}</p>`,
      };
    case 'resolution':
      return {
        title: html`${item.resolution.by} resolved it: <${Badge} state=${item.resolution.outcome} />`,
        details: html`<p>${item.resolution.reason}</p><p>Evidence: ${item.resolution.evidence}</p>${overrode(item.resolution.overridden_evidence)}`,
      };
    case 'dead_letter':
      return {
        title: html`Became <a href="#/dead-letters?user_id=${item.dead_letter.user_id}">dead letter ${item.dead_letter.id}</a>: <${Badge} state=${item.dead_letter.reason} />`,
        details: html`<p>${item.dead_letter.error}</p>`,
      };
    case 'dead_letter_closed': {
      const { id, action, action_by, action_reason, redriven_payment_id, overridden_evidence } =
        item.dead_letter;
      return {
        title: html`Dead letter ${id} <${Badge} state=${action ?? 'closed'} /> by ${action_by}`,
        details: html`<p>${action_reason} ${redriven_payment_id !== null && html`→ payment <${PaymentLink} id=${redriven_payment_id} />`}</p>${overrode(overridden_evidence)}`,
      };
    }
    case 'exception':
      return {
        title: html`Difference ${item.exception.id}: <${Badge} state=${item.exception.kind} tone="doubtful" />`,
        details: html`<p>by ${formatName(item.exception.source)}</p>`,
      };
    case 'exception_closed':
      return {
        title: `Difference ${item.exception.id} closed by ${item.exception.closed_by}`,
        details: html`<p>${item.exception.closed_reason}</p>`,
      };
  }
}

/** What a person went on against. */
function overrode(evidence: readonly Evidence[] | null) {
  return evidence && html`<p>Against: ${evidence.map(({ what }) => what).join('; ')}</p>`;
}
