import type { PaymentRow, TransferRow, Violation, World } from '../world/world.ts';
import type { FeeRow } from '../world/world-fees.ts';
import { readAcceptedAt } from './accepted-at.ts';
import { askedMinor, payerOf } from './asked-amount.ts';
import { feeOn, type Period, termsInForce } from './fees-in-force.ts';

/**
 * What I4 means for fees: each payment and each transfer has a fee, and somebody who pays it, as the schedule had them while it was accepted,
 * whatever was changed afterwards; and a payment that is carried out again costs what it cost before.
 */
export function checkFeesWereInForce(world: World): Violation[] {
  const acceptedAt = readAcceptedAt(world);
  const byId = new Map(world.payments.map((payment) => [payment.id, payment]));
  const periodOf = (kind: string, { id, createdAt }: PaymentRow | TransferRow): Period | undefined => {
    const to = acceptedAt.get(`${kind} ${id}`);
    return to && { from: createdAt, to };
  };
  return [
    ...world.payments.flatMap((payment) => {
      const before = payment.redriveOf === null ? undefined : byId.get(payment.redriveOf);
      if (before) return checkSame(payment, before);
      if (payment.type === 'refund') return [];
      const period = periodOf('payment', payment);
      return period ? checkCharged(world.fees, chargedPayment(payment), period) : [];
    }),
    ...world.transfers.flatMap((transfer) => {
      const period = periodOf('transfer', transfer);
      return period ? checkCharged(world.fees, chargedTransfer(transfer), period) : [];
    }),
  ];
}

/** Something that has been charged a fee. */
interface Charged extends Pick<FeeRow, 'kind' | 'payer'> {
  readonly name: string;
  readonly paymentId: bigint | null;
  readonly currency: string;
  readonly askedMinor: bigint;
  readonly feeMinor: bigint;
}

function chargedPayment(payment: PaymentRow): Charged {
  const { id, type, currency, feeMinor } = payment;
  return {
    ...{ name: `payment ${id} (${type})`, paymentId: id, currency, feeMinor },
    kind: type === 'deposit' ? 'deposit' : 'withdrawal',
    askedMinor: askedMinor(payment),
    payer: payerOf(payment),
  };
}

function chargedTransfer({ id, currency, amountMinor, feeMinor, feePayer: payer }: TransferRow): Charged {
  return {
    ...{ name: `transfer ${id}`, paymentId: null, kind: 'transfer', currency, feeMinor, payer },
    askedMinor: amountMinor,
  };
}

function checkCharged(fees: readonly FeeRow[], charged: Charged, period: Period): Violation[] {
  const { name, paymentId, askedMinor: amountMinor, feeMinor, payer } = charged;
  const allowed = termsInForce(fees, charged, period).map(
    (terms) => `${feeOn(amountMinor, terms)}, paid by the ${terms.payer}`,
  );
  const found = `${feeMinor}, paid by the ${payer}`;
  if (allowed.includes(found)) return [];
  const expected = [...new Set(allowed)].join(' or ');
  return [
    {
      ...{ invariant: 'I4', paymentId },
      detail: `${name} of ${amountMinor} was accepted between ${period.from.toISOString()} and ${period.to.toISOString()} with a fee of ${found}; in force was ${expected}`,
    },
  ];
}

/** A refund may give back less of a fee than before, because others have given back more; nothing else changes. */
function checkSame(payment: PaymentRow, before: PaymentRow): Violation[] {
  const isRefundOfLess = payment.type === 'refund' && payment.feeMinor <= before.feeMinor;
  const isSame =
    payment.walletPaysFee === before.walletPaysFee &&
    askedMinor(payment) === askedMinor(before) &&
    (payment.feeMinor === before.feeMinor || isRefundOfLess);
  if (isSame) return [];
  const say = (one: PaymentRow) => `${askedMinor(one)} with a fee of ${one.feeMinor}`;
  return [
    {
      ...{ invariant: 'I4', paymentId: payment.id },
      detail: `payment ${payment.id} is ${say(payment)}, and payment ${before.id}, which it carries out again, ${say(before)}`,
    },
  ];
}
