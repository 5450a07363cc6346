import type { Payment } from './answers.ts';
import { call } from './api.ts';
import { WHO, WHY } from './ask.ts';
import { formatMoney, formatName } from './format.ts';
import { html } from './html.ts';
import { askAgainstEvidence } from './override.ts';
import { PAYMENT_KINDS } from './payment-kinds.ts';

/** The dialog that resolves an unknown payment. Returns whether it was resolved. */
export async function askToResolve(
  payment: Pick<Payment, 'payment_id' | 'amount_minor' | 'currency' | 'type'>,
  outcome: 'executed' | 'not_executed',
): Promise<boolean> {
  const { payment_id: id, amount_minor: amountMinor, currency, type } = payment;
  const { noun, holdsMoney } = PAYMENT_KINDS[type];
  const effect =
    outcome === 'executed'
      ? `The payment succeeds: the ${noun} of ${formatMoney(amountMinor, currency)} is posted.`
      : `The payment fails${holdsMoney ? ', and the money it holds is released' : ''}.`;
  return await askAgainstEvidence({
    title: `Resolve payment ${id} as ${outcome === 'executed' ? '' : 'not '}executed`,
    says: html`<p>${effect} This is final, and what you write is kept permanently.</p>`,
    fields: [
      WHO,
      WHY,
      {
        name: 'evidence',
        label: 'Evidence',
        hint: 'What your decision is based on: a line of a statement, a ticket with the gateway.',
        kind: 'long',
      },
      ...(outcome === 'executed'
        ? [{ name: 'gateway_reference', label: 'Gateway reference', isOptional: true }]
        : []),
    ],
    action: outcome === 'executed' ? 'Resolve as executed' : 'Resolve as not executed',
    isDangerous: true,
    async onSubmit(values, override) {
      await call('POST', `/api/v1/payments/${id}/resolve`, { ...values, ...override, outcome });
      return `Payment ${id} was resolved as ${formatName(outcome)}.`;
    },
  });
}
