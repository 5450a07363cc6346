import type { Violation, World } from '../world/world.ts';

/** I1. Entries sum to zero per currency: in each ledger transaction, and so in all. */
export function checkEntriesSumToZero({ entries, accounts, steps }: World): Violation[] {
  const currencyOf = new Map(accounts.map(({ id, currency }) => [id, currency]));
  const referenceOf = new Map(steps.map(({ id, reference, step }) => [id, `${reference} ${step}`]));
  const sums = new Map<string, { transactionId: bigint; sum: bigint; what: string }>();
  for (const { accountId, transactionId, amountMinor } of entries) {
    const currency = currencyOf.get(accountId) ?? `an account ${accountId} that does not exist`;
    const key = `${transactionId} ${currency}`;
    const before = sums.get(key)?.sum ?? 0n;
    sums.set(key, { transactionId, sum: before + amountMinor, what: `entries in ${currency}` });
  }
  return [...sums.values()]
    .filter(({ sum }) => sum !== 0n)
    .map(({ transactionId, sum, what }) => {
      const reference = referenceOf.get(transactionId) ?? `transaction ${transactionId}`;
      return {
        invariant: 'I1',
        paymentId: paymentIdOf(reference),
        detail: `${what} of ${reference} sum to ${sum}`,
      };
    });
}

/** `payment:42 settle` speaks of payment 42. */
function paymentIdOf(reference: string): bigint | null {
  const [, id] = /^payment:(\d+) /.exec(reference) ?? [];
  return id === undefined ? null : BigInt(id);
}
