import type { DeadLetter } from '../../../dead-letters/dead-letter.ts';
import { feePayerOf } from '../../../payments/kinds/payment-kinds.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { idOrNull } from '../../describe/render-id.ts';

export function renderDeadLetter(letter: DeadLetter) {
  return {
    id: Number(letter.id),
    payment_id: Number(letter.paymentId),
    user_id: Number(letter.userId),
    ...renderAmounts({ amount: letter.amountMinor, commission: letter.feeMinor }, letter.currency),
    fee_payer: feePayerOf({ type: letter.type, walletPaysFee: letter.walletPaysFee }),
    currency: letter.currency,
    payment_type: letter.type,
    reason: letter.reason,
    error: letter.error,
    attempts: letter.attempts,
    created_at: letter.createdAt.toISOString(),
    action: letter.action,
    action_at: letter.actionAt?.toISOString() ?? null,
    action_by: letter.actionBy,
    action_reason: letter.actionReason,
    redriven_payment_id: idOrNull(letter.redrivenPaymentId),
    overridden_evidence: letter.overriddenEvidence,
  };
}
