import type { EntryRow, PaymentRow, Violation, World } from '../world/world.ts';

/**
 * I4. A payment is settled or voided at most once: its ledger steps are those that its status asks for, and together they
 * moved exactly its money.
 */
export function checkSettledOrVoidedOnce(world: World): Violation[] {
  const stepsOf = Map.groupBy(world.steps, ({ reference }) => reference);
  const entriesOf = Map.groupBy(world.entries, ({ transactionId }) => transactionId);
  const kindOf = new Map(world.accounts.map(({ id, kind }) => [id, kind]));
  const attempted = new Set(world.attempts.map(({ paymentId }) => paymentId));

  return world.payments.flatMap((payment): Violation[] => {
    const steps = stepsOf.get(`payment:${payment.id}`) ?? [];
    const names = steps.map(({ step }) => step).sort();
    // A withdrawal that was refused at the door never held anything.
    const isTurnedAway =
      payment.type === 'withdraw' && payment.status === 'failed' && !attempted.has(payment.id);
    const expected = isTurnedAway && names.length === 0 ? [] : expectedSteps(payment);
    const entries = steps.flatMap(({ id }) => entriesOf.get(id) ?? []);
    const problems = [
      ...(names.join() === expected.join() ? [] : [`has the steps [${names}] and not [${expected}]`]),
      ...compareMoney(
        isTurnedAway && names.length === 0 ? new Map() : expectedMoney(payment),
        sumByKind(entries, kindOf),
      ),
    ];
    return problems.map((problem) => ({
      invariant: 'I4',
      paymentId: payment.id,
      detail: `payment ${payment.id} (${payment.type}, ${payment.status}) ${problem}`,
    }));
  });
}

function expectedSteps({ type, status }: PaymentRow): string[] {
  const hold = type === 'withdraw' ? ['hold'] : [];
  if (status === 'success') return [...hold, 'settle'];
  return status === 'failed' && type === 'withdraw' ? [...hold, 'void'] : hold;
}

function expectedMoney({ type, status, amountMinor, feeMinor }: PaymentRow): Map<string, bigint> {
  if (status === 'success') {
    const sign = type === 'deposit' ? 1n : -1n;
    return new Map([
      ['posted wallet', sign * amountMinor - feeMinor],
      ['posted gateway', -sign * amountMinor],
      ['posted fee', feeMinor],
    ]);
  }
  if (status === 'failed' || type === 'deposit') return new Map();
  return new Map([
    ['pending wallet', -(amountMinor + feeMinor)],
    ['pending gateway', amountMinor],
    ['pending fee', feeMinor],
  ]);
}

function sumByKind(entries: readonly EntryRow[], kindOf: ReadonlyMap<bigint, string>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { accountId, layer, amountMinor } of entries) {
    const key = `${layer} ${kindOf.get(accountId)}`;
    sums.set(key, (sums.get(key) ?? 0n) + amountMinor);
  }
  return sums;
}

function compareMoney(expected: ReadonlyMap<string, bigint>, found: ReadonlyMap<string, bigint>): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((key) => (expected.get(key) ?? 0n) !== (found.get(key) ?? 0n))
    .map((key) => `moved ${found.get(key) ?? 0n} on ${key} and not ${expected.get(key) ?? 0n}`);
}
