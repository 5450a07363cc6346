import { formatAmount } from '../../money/decimal-amount.ts';
import type { Difference, DifferenceSource } from '../../reconciliation/difference.ts';
import { storableText } from '../../text/text.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import type { GatewayWord } from './gateway-word.ts';

/**
 * A statement of the gateway about a payment that the database does not know: somebody else's, or one that this process knew before an
 * earlier state of the database was restored. Another payment may have its id by now, and the statement is not about that one. Pure.
 * @param told what the gateway was told about it, if this process still knows.
 */
export function describeUnknownPayment(
  { reference, told }: { readonly reference: string; readonly told?: ClaimedPayment },
  { status, gatewayReference, named }: Pick<GatewayWord, 'status' | 'gatewayReference' | 'named'>,
  source: DifferenceSource,
): Difference {
  const money = told
    ? { type: told.type, amount: formatAmount(told.amountMinor, told.currency), currency: told.currency }
    : { type: named.type, amount: named.amount, currency: named.currency };
  return {
    paymentId: null,
    reference,
    kind: 'unknown_payment',
    source,
    ours: null,
    theirs: { status, ...money, gateway_reference: gatewayReference },
    dedupeKey: storableText(`unknown_payment:${reference}:${status}`, 500),
  };
}
