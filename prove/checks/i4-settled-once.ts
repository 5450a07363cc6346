import type { EntryRow, PaymentRow, Violation, World } from '../world/world.ts';

/**
 * I4. A payment is settled or failed at most once: its ledger steps are those that its status asks for, and together they moved
 * exactly its money.
 */
export function checkSettledOnce(world: World): Violation[] {
  const stepsOf = Map.groupBy(world.steps, ({ reference }) => reference);
  const entriesOf = Map.groupBy(world.entries, ({ transactionId }) => transactionId);
  const kindOf = new Map(world.accounts.map(({ id, kind }) => [id, kind]));

  return world.payments.flatMap((payment): Violation[] => {
    const steps = stepsOf.get(`payment:${payment.id}`) ?? [];
    const names = steps.map(({ step }) => step).sort();
    const expected = payment.status === 'success' ? ['settle'] : [];
    const entries = steps.flatMap(({ id }) => entriesOf.get(id) ?? []);
    const problems = [
      ...(names.join() === expected.join() ? [] : [`has the steps [${names}] and not [${expected}]`]),
      ...compareMoney(expectedMoney(payment), sumByKind(entries, kindOf)),
    ];
    return problems.map((problem) => ({
      invariant: 'I4',
      paymentId: payment.id,
      detail: `payment ${payment.id} (${payment.type}, ${payment.status}) ${problem}`,
    }));
  });
}

function expectedMoney({ type, status, amountMinor, feeMinor }: PaymentRow): Map<string, bigint> {
  if (status !== 'success') return new Map();
  const sign = type === 'deposit' ? 1n : -1n;
  // A refund gives back what it has as its fee.
  const earnedMinor = type === 'refund' ? -feeMinor : feeMinor;
  return new Map([
    ['wallet', sign * amountMinor - earnedMinor],
    ['gateway', -sign * amountMinor],
    ['fee', earnedMinor],
  ]);
}

function sumByKind(entries: readonly EntryRow[], kindOf: ReadonlyMap<bigint, string>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { accountId, amountMinor } of entries) {
    const kind = kindOf.get(accountId) ?? 'no account';
    sums.set(kind, (sums.get(kind) ?? 0n) + amountMinor);
  }
  return sums;
}

function compareMoney(expected: ReadonlyMap<string, bigint>, found: ReadonlyMap<string, bigint>): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((key) => (expected.get(key) ?? 0n) !== (found.get(key) ?? 0n))
    .map((key) => `moved ${found.get(key) ?? 0n} on ${key} and not ${expected.get(key) ?? 0n}`);
}
