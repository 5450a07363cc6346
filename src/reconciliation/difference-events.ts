import { type NewEvent, newEvent } from '../events/new-event.ts';
import type { Difference } from './difference.ts';

/** What an event tells of a difference. */
export type ToldDifference = Pick<Difference, 'paymentId' | 'kind' | 'source'> & { readonly id: bigint };

export function eventOfDifference(
  what: 'found' | 'ended',
  { id, paymentId, kind, source }: ToldDifference,
): NewEvent {
  return newEvent(
    `tollgate.reconciliation_difference.${what}.v1`,
    { id },
    {
      exception_id: Number(id),
      payment_id: paymentId === null ? null : Number(paymentId),
      kind,
      source,
    },
  );
}
