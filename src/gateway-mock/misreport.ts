import { formatAmount } from '../money/decimal-amount.ts';
import type { Behaviour } from './behaviour.ts';
import { drawNumbers } from './draw-numbers.ts';

/** What the gateway says about a payment that it carried out. */
export interface Report {
  readonly reference: string;
  readonly type: 'deposit' | 'withdraw';
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** What can be wrong in a report. */
const MISREPORTS = ['amount', 'currency', 'type', 'reference', 'amount_without_currency'] as const;
export type Misreport = (typeof MISREPORTS)[number];

/**
 * Whether the gateway misreports a payment, and what is then wrong. Only the seed and the reference matter, so the same thing is wrong in
 * every answer and callback about one payment.
 */
export function drawMisreport(
  behaviour: Pick<Behaviour, 'misreport_rate'>,
  { seed, reference }: { readonly seed: string; readonly reference: string },
): Misreport | undefined {
  const [isWrong, what] = drawNumbers(`misreport ${seed} ${reference}`);
  return isWrong < behaviour.misreport_rate ? MISREPORTS[Math.floor(what * MISREPORTS.length)] : undefined;
}

/** The JSON fields of a report about a payment: the truth, or what `misreport` makes of it. */
export function renderReport(report: Report, misreport: Misreport | undefined) {
  // A difference of one minor unit is the easiest to overlook.
  const isAmountWrong = misreport === 'amount' || misreport === 'amount_without_currency';
  const amountMinor = isAmountWrong ? report.amountMinor + 1n : report.amountMinor;
  const otherCurrency = report.currency === 'EUR' ? 'USD' : 'EUR';
  const otherType = report.type === 'deposit' ? 'withdraw' : 'deposit';
  return {
    reference: misreport === 'reference' ? `${report.reference}-other` : report.reference,
    type: misreport === 'type' ? otherType : report.type,
    amount: formatAmount(amountMinor, report.currency),
    ...(misreport === 'amount_without_currency'
      ? {}
      : { currency: misreport === 'currency' ? otherCurrency : report.currency }),
  };
}
