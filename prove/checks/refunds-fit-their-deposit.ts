import type { PaymentRow, Violation, World } from '../world/world.ts';

/**
 * What I4 means for refunds: each gives back a settled deposit of its own user, and all that have not failed give back no more than it,
 * nor more than its fee. Those that the gateway carried out are among them, whatever we think of them (I7).
 */
export function checkRefundsFitTheirDeposit({ payments }: World): Violation[] {
  const byId = new Map(payments.map((payment) => [payment.id, payment]));
  const refunds = payments.filter(({ type }) => type === 'refund');
  const strays = refunds.flatMap((refund) => {
    const deposit = refund.refundOf === null ? undefined : byId.get(refund.refundOf);
    const isRight =
      deposit?.type === 'deposit' &&
      deposit.status === 'success' &&
      deposit.userId === refund.userId &&
      deposit.currency === refund.currency;
    return isRight
      ? []
      : [
          violation(
            refund.id,
            `refund ${refund.id} gives back payment ${refund.refundOf}, which is no such deposit`,
          ),
        ];
  });
  const standing = Map.groupBy(
    refunds.filter(({ status }) => status !== 'failed'),
    ({ refundOf }) => refundOf,
  );
  const excesses = [...standing].flatMap(([depositId, given]) => {
    const deposit = depositId === null ? undefined : byId.get(depositId);
    if (!deposit) return [];
    const sum = (of: (refund: PaymentRow) => bigint) =>
      given.reduce((total, refund) => total + of(refund), 0n);
    const [amountMinor, feeMinor] = [sum((refund) => refund.amountMinor), sum((refund) => refund.feeMinor)];
    if (amountMinor <= deposit.amountMinor && feeMinor <= deposit.feeMinor) return [];
    return [
      violation(
        deposit.id,
        `${given.length} refunds give back ${amountMinor} (fee ${feeMinor}) of deposit ${deposit.id} of ${deposit.amountMinor} (fee ${deposit.feeMinor})`,
      ),
    ];
  });
  return [...strays, ...excesses];
}

function violation(paymentId: bigint, detail: string): Violation {
  return { invariant: 'I4', paymentId, detail };
}
