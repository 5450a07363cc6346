import type { GatewayCall, Violation, World } from '../world/world.ts';

/**
 * I7. Every success rests on a definite statement of the gateway about this very payment, made before the payment was settled, or on a
 * person's decision. A statement with another amount, currency, kind or reference does not count, nor does a body that says nothing.
 */
export function checkSuccessesWereTold({ payments, steps, calls, resolutions }: World): Violation[] {
  const wordsOf = Map.groupBy(calls.filter(isWordForSuccess), ({ reference }) => reference);
  const settledAt = new Map(
    steps.filter(({ step }) => step === 'settle').map(({ reference, createdAt }) => [reference, createdAt]),
  );
  const resolved = new Set(
    resolutions.filter(({ outcome }) => outcome === 'executed').map(({ paymentId }) => paymentId),
  );
  return payments
    .filter(({ id, status }) => status === 'success' && !resolved.has(id))
    .flatMap(({ id, reference }): Violation[] => {
      const endedAt = settledAt.get(`payment:${id}`);
      // A success without a ledger step is found by another check.
      if (!endedAt || (wordsOf.get(reference) ?? []).some(({ at }) => at <= endedAt)) return [];
      const detail = `payment ${id} was settled at ${endedAt.toISOString()}, when the gateway had not said of ${reference} that it was carried out as it was sent`;
      return [{ invariant: 'I7', paymentId: id, detail }];
    });
}

function isWordForSuccess({ kind, result }: GatewayCall): boolean {
  return kind !== 'pay' && result === 'succeeded';
}
