import type { Evidence, Overview, Payment, Timeline } from '../answers.ts';
import { Badge } from '../badge.ts';
import { countOf } from '../count.ts';
import { describeNextQuestion } from '../describe-question.ts';
import { formatMoney, formatName, formatTime } from '../format.ts';
import { type Content, html } from '../html.ts';
import {
  Facts,
  Failure,
  Loading,
  Money,
  PaymentLink,
  Time,
  UserLink,
  UserPlaces,
  WalletLink,
  Words,
} from '../parts.ts';
import { PAYMENT_KINDS } from '../payment-kinds.ts';
import { askToResolve } from '../resolve.ts';
import { useApi } from '../use-api.ts';

const EVERY_MS = 3000;

export function PaymentPage({
  id,
  workers,
}: {
  readonly id: string;
  readonly workers: Overview['workers'] | undefined;
}) {
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
    ${!data && !payment.error && html`<${Loading} />`}
    ${data && html`<${PaymentFacts} payment=${data} gateway=${timeline.data?.gateway} />`}
    ${
      data?.status === 'unknown' &&
      html`<div class="notice doubtful">
        <p>The money may have moved. Resolve the payment yourself only when you have found out what happened.</p>
        ${timeline.data?.inquiry && html`<p><${Inquiry} inquiry=${timeline.data.inquiry} gateway=${timeline.data.gateway} workers=${workers} /></p>`}
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

/** The state of the inquiry about an unknown payment. */
function Inquiry({
  inquiry: { asked_count: count, next_ask_at: next, last_answer: answer },
  gateway,
  workers,
}: {
  readonly inquiry: NonNullable<Timeline['inquiry']>;
  readonly gateway: string;
  readonly workers: Overview['workers'] | undefined;
}) {
  const asked = count === 0 ? 'not been asked yet' : `been asked ${countOf(count, 'time')}`;
  return html`<span>The gateway has ${asked}${answer && ` (last answer: ${formatName(answer)})`}. Next question: ${describeNextQuestion(
    { atMs: Date.parse(next), text: formatTime(next) },
    { nowMs: Date.now(), workers, gateway },
  )}.</span>`;
}

function PaymentFacts({
  payment,
  gateway = 'default',
}: {
  readonly payment: Payment;
  readonly gateway?: string | undefined;
}) {
  const money = (minor: string) => html`<${Money} minor=${minor} currency=${payment.currency} />`;
  return html`<${Facts} facts=${[
    [
      'Status',
      html`<${Badge} of="status" state=${payment.status} isSaid />${payment.needs_review && html` <${Badge} of="review" state="needed" />`}`,
    ],
    ['Type', payment.type],
    ['Amount', money(payment.amount_minor)],
    [PAYMENT_KINDS[payment.type].givesFeeBack ? 'Fee given back' : 'Fee', money(payment.commission_minor)],
    ['User', html`<${UserLink} id=${payment.user_id} /> (<${UserPlaces} id=${payment.user_id} />)`],
    [
      'Wallet',
      html`<${WalletLink} user=${payment.user_id} id=${payment.wallet_id}>${payment.currency}</${WalletLink}>`,
    ],
    ['Ledger', LEDGER_STATES[payment.transaction_status]],
    ['Attempts', payment.attempts],
    ...(gateway === 'default' ? [] : [['Gateway', gateway]]),
    ['Gateway reference', html`<${Words}>${payment.gateway_reference ?? 'none'}</${Words}>`],
    ['Last error', html`<${Words}>${payment.last_error ?? 'none'}</${Words}>`],
    ['Accepted', html`<${Time} at=${payment.created_at} />`],
    ['Last changed', html`<${Time} at=${payment.updated_at} />`],
    ...(payment.redrive_of === null
      ? []
      : [['Redrive of', html`<${PaymentLink} id=${payment.redrive_of} />`]]),
    ...(payment.refund_of === null ? [] : [['Refund of', html`<${PaymentLink} id=${payment.refund_of} />`]]),
    ...(payment.refund_reason === null ? [] : [['Reason', payment.refund_reason]]),
  ]} />`;
}

const LEDGER_STATES: Readonly<Record<Payment['transaction_status'], string>> = {
  none: 'nothing posted',
  held: 'money held',
  posted: 'posted',
  voided: 'hold released',
};

const SOURCES: Readonly<Record<string, string>> = {
  callback: 'a callback',
  attempt: 'an attempt',
  inquiry: 'an inquiry at the gateway',
  report: 'a comparison of the books',
};
const CALLBACK_RESULTS: Readonly<Record<string, string>> = {
  concluded: 'it ended the payment',
  matched: 'it agrees with our record',
  exception: 'it differs from our record',
};

function describe(item: Timeline['items'][number], currency: string): { title: Content; details?: Content } {
  switch (item.kind) {
    case 'accepted':
      return { title: 'Accepted' };
    case 'needs_review':
      return { title: 'Unknown for so long that a person needs to look' };
    case 'held':
      return { title: html`Held <${Money} minor=${item.hold.amount_minor} currency=${currency} />` };
    case 'released':
      return { title: html`Released <${Money} minor=${item.hold.amount_minor} currency=${currency} />` };
    case 'ledger':
      return {
        title: `Ledger: ${formatName(item.transaction.step)}`,
        details: html`<ul class="entries">
          ${item.transaction.entries.map(
            ({ account, amount_minor }) =>
              html`<li><span>${account}</span><span class="number">${formatMoney(amount_minor, currency)}</span></li>`,
          )}
        </ul>`,
      };
    case 'attempt': {
      const { attempt, outcome, inquiry, http_status, error, latency_ms, worker } = item.attempt;
      return {
        title: html`Attempt ${attempt}: <${Badge} of="outcome" state=${outcome ?? 'not known yet'} />`,
        details: html`<p>${[
          inquiry && `the gateway was asked first, and answered: ${formatName(inquiry)} · `,
          http_status && `HTTP ${http_status} · `,
          latency_ms !== null && `${latency_ms} ms · `,
          error && html`<${Words}>${error}</${Words}> · `,
          html`by <${Words}>${worker}</${Words}>`,
        ]}</p>`,
      };
    }
    case 'inquiry':
      return {
        title: html`The gateway was asked: <${Badge} of="answer" state=${item.inquiry.answer} />`,
        details: html`<p>Question ${item.inquiry.asked_count}${item.inquiry.detail && html` · <${Words}>${item.inquiry.detail}</${Words}>`}</p>`,
      };
    case 'callback':
      return {
        title: html`Callback from the gateway: <${Badge} of="outcome" state=${item.callback.status} />`,
        details: html`<p>${item.callback.amount} ${item.callback.currency} · event <${Words}>${item.callback.event_id}</${Words}> · ${
          item.callback.result === null ? 'not processed yet' : CALLBACK_RESULTS[item.callback.result]
        }${item.callback.delivery_count > 1 && ` · delivered ${countOf(item.callback.delivery_count, 'time')}`}${item.callback.message && html` · <${Words}>${item.callback.message}</${Words}>`}</p>`,
      };
    case 'resolution':
      return {
        title: html`Resolved by <${Words}>${item.resolution.by}</${Words}>: <${Badge} of="outcome" state=${item.resolution.outcome} />`,
        details: html`<p>Reason: <${Words}>${item.resolution.reason}</${Words}></p><p>Evidence: <${Words}>${item.resolution.evidence}</${Words}></p>${overrode(item.resolution.overridden_evidence)}`,
      };
    case 'dead_letter':
      return {
        title: html`Became <a href="#/dead-letters?user_id=${item.dead_letter.user_id}&state=all">dead letter ${item.dead_letter.id}</a>: <${Badge} of="reason" state=${item.dead_letter.reason} />`,
        details: html`<p><${Words}>${item.dead_letter.error}</${Words}></p>`,
      };
    case 'dead_letter_closed': {
      const { id, action, action_by, action_reason, redriven_payment_id, overridden_evidence } =
        item.dead_letter;
      return {
        title: html`Dead letter ${id} by <${Words}>${action_by}</${Words}>: <${Badge} of="action" state=${action ?? 'none'} />`,
        details: html`<p>${action_reason && html`Reason: <${Words}>${action_reason}</${Words}> `}${redriven_payment_id !== null && html`Carried on as payment <${PaymentLink} id=${redriven_payment_id} />`}</p>${overrode(overridden_evidence)}`,
      };
    }
    case 'exception':
      return {
        title: html`<${Badge} of="difference" state=${`${item.exception.id}: ${formatName(item.exception.kind)}`} tone="doubtful" />`,
        details: html`<p>Found by ${SOURCES[item.exception.source]}</p>`,
      };
    case 'exception_closed':
      return {
        title: html`Difference ${item.exception.id} closed by <${Words}>${item.exception.closed_by}</${Words}>`,
        details: html`<p>Reason: <${Words}>${item.exception.closed_reason}</${Words}></p>`,
      };
  }
}

/** The evidence that the money moved, if a person overrode it. */
function overrode(evidence: readonly Evidence[] | null) {
  return evidence && html`<p>Overridden: ${evidence.map(({ what }) => what).join('; ')}</p>`;
}
