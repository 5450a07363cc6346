import type { HoldRow, PaymentRow, Violation, World } from '../world/world.ts';

/**
 * I10. A hold is resolved once: a withdrawal holds its amount and fee of its wallet, a refund its amount less what it gives back of the
 * fee, for as long as its outcome is open, and nothing afterwards. What is held for orders has a check of its own; besides withdrawals,
 * refunds and orders nothing holds anything.
 */
export function checkHoldsAreResolvedOnce({ payments, holds }: World): Violation[] {
  const holdsOf = Map.groupBy(holds, ({ purpose, subjectId }) => `${purpose} ${subjectId}`);
  const found = payments.flatMap((payment) => {
    const key = `payment ${payment.id}`;
    const problem = compareHolds(payment, holdsOf.get(key) ?? []);
    holdsOf.delete(key);
    return problem === undefined ? [] : [violation(payment.id, `${describe(payment)} ${problem}`)];
  });
  const strangers = [...holdsOf.values()].flat().filter(({ purpose }) => purpose !== 'order');
  return [
    ...found,
    ...strangers.map((hold) =>
      violation(null, `${hold.purpose} ${hold.subjectId} holds ${say(hold)}, and is not there`),
    ),
  ];
}

function compareHolds(payment: PaymentRow, holds: readonly HoldRow[]): string | undefined {
  const { type, status, userId, walletId, amountMinor, feeMinor, currency } = payment;
  const isOpen = status === 'new' || status === 'unknown';
  const holdsNow = holds.map(say).join(' and ') || 'nothing';
  if (type === 'deposit' || !isOpen) return holds.length === 0 ? undefined : `holds ${holdsNow}`;
  const [hold] = holds;
  const expectedMinor = type === 'refund' ? amountMinor - feeMinor : amountMinor + feeMinor;
  if (expectedMinor === 0n && holds.length === 0) return undefined;
  const isRight =
    holds.length === 1 &&
    hold?.userId === userId &&
    hold.accountId === walletId &&
    hold.amountMinor === expectedMinor &&
    hold.currency === currency;
  if (isRight) return undefined;
  return `holds ${holdsNow}, and not ${expectedMinor} ${currency} of account ${walletId}`;
}

function say({ amountMinor, currency, accountId, userId }: HoldRow): string {
  return `${amountMinor} ${currency} of account ${accountId} of user ${userId}`;
}

function describe({ id, type, status }: PaymentRow): string {
  return `payment ${id} (${type}, ${status})`;
}

function violation(paymentId: bigint | null, detail: string): Violation {
  return { invariant: 'I10', paymentId, detail };
}
