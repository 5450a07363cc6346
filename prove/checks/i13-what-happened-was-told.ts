import type { OrderHoldRow, PaymentRow, Violation, World } from '../world/world.ts';

/** What the events of a payment say, one after the other; it may be of unknown outcome and go back to the queue any number of times. */
const PAYMENT: Readonly<Record<PaymentRow['status'], RegExp>> = {
  new: /^accepted( unknown redriven)*$/,
  unknown: /^accepted( unknown redriven)* unknown$/,
  success: /^accepted( unknown redriven)* (succeeded|unknown succeeded resolved)( refunded)*$/,
  failed: /^(failed|accepted( unknown redriven)* (failed|unknown failed resolved))$/,
};
const HOLD: Readonly<Record<OrderHoldRow['status'], RegExp>> = {
  open: /^placed( captured)*$/,
  captured: /^placed( captured)+$/,
  released: /^placed( captured)* released$/,
  expired: /^placed( captured)* expired$/,
};
const COMPLETED = /^completed$/;

/**
 * I13. Events tell of each payment, hold, transfer and conversion what became of it, from its beginning to where it stands, in order and nothing
 * twice; of a deposit also each refund; and of nothing that is not there.
 */
export function checkWhatHappenedWasTold({
  told,
  payments,
  orderHolds,
  transfers,
  quotes,
}: World): Violation[] {
  const wanted = new Map<string, RegExp>([
    ...payments.map(({ id, status }) => [`payment:${id}`, PAYMENT[status]] as const),
    ...orderHolds.map(({ id, status }) => [`hold:${id}`, HOLD[status]] as const),
    ...transfers.map(({ id }) => [`transfer:${id}`, COMPLETED] as const),
    ...quotes
      .filter(({ usedAt }) => usedAt !== null)
      .map(({ id }) => [`conversion:${id}`, COMPLETED] as const),
  ]);
  const refunds = Map.groupBy(
    payments.filter(({ status }) => status === 'success'),
    ({ refundOf }) => (refundOf === null ? 'none' : `payment:${refundOf}`),
  );
  return [...new Set([...wanted.keys(), ...told.keys()])].flatMap((subject) => {
    const history = told.get(subject) ?? '';
    const toldRefunds = history.match(/ refunded/g)?.length ?? 0;
    const refundCount = refunds.get(subject)?.length ?? 0;
    if (wanted.get(subject)?.test(history) && toldRefunds === refundCount) return [];
    const [kind, id = ''] = subject.split(':');
    const what = wanted.has(subject) ? `which should match ${wanted.get(subject)}` : 'which is not there';
    return [
      {
        invariant: 'I13' as const,
        paymentId: kind === 'payment' ? BigInt(id) : null,
        detail: `events tell [${history}] of ${subject}, ${what}; it has ${refundCount} refunds`,
      },
    ];
  });
}
