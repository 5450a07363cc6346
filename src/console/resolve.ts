import type { Payment } from './answers.ts';
import { call } from './api.ts';
import { type Question, WHO, WHY } from './ask.ts';
import { formatMoney } from './format.ts';
import { html } from './html.ts';

/** The dialog that ends an unknown payment one way or the other. */
export function resolveQuestion(
  payment: Pick<Payment, 'payment_id' | 'amount' | 'currency' | 'type'>,
  outcome: 'executed' | 'not_executed',
): Question {
  const { payment_id: id, amount, currency, type } = payment;
  const effect =
    outcome === 'executed'
      ? `It is settled: the ${type} of ${formatMoney(amount, currency)} is posted.`
      : `It fails${type === 'withdraw' ? ', and what it holds is released' : ''}.`;
  return {
    title: `Payment ${id} was ${outcome === 'executed' ? '' : 'not '}executed`,
    says: html`<p>${effect} This is final, and what you write is kept for ever.</p>`,
    fields: [
      WHO,
      WHY,
      {
        name: 'evidence',
        label: 'Evidence',
        hint: 'What it stands on: a line of a statement, a ticket at the gateway.',
        kind: 'long',
        most: 2000,
      },
      ...(outcome === 'executed'
        ? [{ name: 'gateway_reference', label: "Gateway's reference", isOptional: true, most: 255 }]
        : []),
    ],
    action: outcome === 'executed' ? 'Settle it' : 'Fail it',
    isDangerous: true,
    onSubmit: (values) => call('POST', `/api/v1/payments/${id}/resolve`, { ...values, outcome }),
  };
}
