import type { DiscardOutcome } from '../../dead-letters/discard-dead-letter.ts';
import type { RedriveOutcome } from '../../dead-letters/redrive.ts';
import { formatAmount } from '../../money/decimal-amount.ts';

type Refusal = Exclude<RedriveOutcome | DiscardOutcome, { kind: 'redriven' | 'discarded' }>;

/** Why a letter was left unchanged. */
export function explainRefusal(outcome: Refusal): string {
  switch (outcome.kind) {
    case 'not_found':
      return 'there is no such dead letter';
    case 'already_handled':
      return `it has already been ${outcome.action}`;
    case 'outcome_unknown':
      return 'the money may have moved: resolve the payment (npx tollgate payments resolve), or redrive it';
    case 'evidence': {
      const others = outcome.evidence.length > 1 ? ` (and ${outcome.evidence.length - 1} more)` : '';
      return `the money may have moved: ${outcome.evidence[0]?.what}${others}`;
    }
    case 'insufficient_funds': {
      const { neededMinor, availableMinor, currency } = outcome;
      const [needed, available] = [neededMinor, availableMinor].map((minor) => formatAmount(minor, currency));
      return `the wallet holds ${available} ${currency}, and ${needed} is needed`;
    }
    case 'wallet_frozen':
      return `wallet ${outcome.walletId} is frozen`;
    case 'wallet_closed':
      return `wallet ${outcome.walletId} is closed`;
    case 'refund_exceeds_deposit': {
      const { leftMinor, currency, depositId } = outcome;
      return `other refunds have left only ${formatAmount(leftMinor, currency)} ${currency} of deposit ${depositId}`;
    }
  }
}

export const HOW_TO_OVERRIDE =
  'Find out what really happened (npx tollgate payments show) before you override the evidence: npx tollgate dlq redrive <id> --override-evidence --because <text>';
