import type { Payment } from './answers.ts';
import { call } from './api.ts';
import { WHO, WHY } from './ask.ts';
import { formatMoney } from './format.ts';
import { html } from './html.ts';
import { askAgainstEvidence } from './override.ts';

/** The dialog that ends an unknown payment one way or the other. Resolves to whether it was ended. */
export function askToResolve(
  payment: Pick<Payment, 'payment_id' | 'amount' | 'currency' | 'type'>,
  outcome: 'executed' | 'not_executed',
): Promise<boolean> {
  const { payment_id: id, amount, currency, type } = payment;
  const effect =
    outcome === 'executed'
      ? `It is settled: the ${type} of ${formatMoney(amount, currency)} is posted.`
      : `It fails${type === 'withdraw' ? ', and what it holds is released' : ''}.`;
  return askAgainstEvidence({
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
    onSubmit: (values, override) =>
      call('POST', `/api/v1/payments/${id}/resolve`, { ...values, ...override, outcome }),
  });
}
