import type { Violation, World } from '../world/world.ts';

/** I8. No payment leaves a final status: any final status that was ever seen is the status in the end. */
export function checkEndingsStay({ payments, seenEndings }: World): Violation[] {
  const statusOf = new Map(payments.map(({ id, status }) => [id, status]));
  return seenEndings
    .filter(({ paymentId, status }) => statusOf.get(paymentId) !== status)
    .map(({ paymentId, status, seenBy }) => ({
      invariant: 'I8',
      paymentId,
      detail: `payment ${paymentId} was seen as ${status} (by the ${seenBy}), and is ${statusOf.get(paymentId) ?? 'gone'} in the end`,
    }));
}
