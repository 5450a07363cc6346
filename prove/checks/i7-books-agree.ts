import type { BookEntry, PaymentRow, Violation, World } from '../world/world.ts';

/** What we and the gateway each say was moved, in one currency. */
export interface BookSides {
  readonly currency: string;
  readonly ledgerMinor: bigint;
  readonly gatewayMinor: bigint;
}

/**
 * I7. What the gateway executed is a success here, reference by reference (redrives share a reference; then the newest payment
 * says how it ended), and the clearing account equals the gateway's own totals.
 * The account is compared only where no payment's outcome is unknown.
 */
export function checkBooksAgree(world: World): Violation[] {
  return [...checkPayments(world), ...checkTotals(world)];
}

/** The clearing account is what the gateway owes us, so it is the negative of the gateway's net. */
export function readBookSides({ accounts, entries, bookTotals }: World): BookSides[] {
  const clearing = accounts.filter(({ kind }) => kind === 'gateway');
  const currencies = new Set([...clearing, ...bookTotals].map(({ currency }) => currency));
  return [...currencies].map((currency) => {
    const ids = new Set(clearing.filter((account) => account.currency === currency).map(({ id }) => id));
    const posted = entries.filter(({ accountId }) => ids.has(accountId));
    const total = bookTotals.find((candidate) => candidate.currency === currency);
    return {
      currency,
      ledgerMinor: -posted.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      gatewayMinor: (total?.depositsMinor ?? 0n) - (total?.withdrawalsMinor ?? 0n),
    };
  });
}

function checkTotals(world: World): Violation[] {
  if (world.payments.some(({ status }) => status === 'unknown' || status === 'new')) return [];
  return readBookSides(world)
    .filter(({ ledgerMinor, gatewayMinor }) => ledgerMinor !== gatewayMinor)
    .map(({ currency, ledgerMinor, gatewayMinor }) =>
      violation(
        null,
        `our clearing account in ${currency} says ${ledgerMinor}, the gateway's book says ${gatewayMinor}`,
      ),
    );
}

function checkPayments({ payments, book }: World): Violation[] {
  const executed = new Map(book.map((entry) => [entry.reference, entry]));
  const known = new Set(payments.map(({ reference }) => reference));
  return [
    ...book
      .filter(({ reference }) => !known.has(reference))
      .map(({ reference, paymentId }) =>
        violation(paymentId, `the gateway executed ${reference}, which is no payment of ours`),
      ),
    ...[...Map.groupBy(payments, ({ reference }) => reference).values()].flatMap((shared) =>
      compareReference(shared, executed),
    ),
  ];
}

function compareReference(
  shared: readonly PaymentRow[],
  executed: ReadonlyMap<string, BookEntry>,
): Violation[] {
  const inOrder = shared.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const first = inOrder[0] as PaymentRow;
  const newest = inOrder.at(-1) as PaymentRow;
  const ended = inOrder.slice(0, -1).filter(({ status }) => status !== 'failed');
  return [
    ...ended.map(({ id, status, reference }) =>
      violation(
        id,
        `payment ${id} is ${status}, and payment ${newest.id} was made from it under ${reference}`,
      ),
    ),
    ...comparePayment(newest, first.id, executed.get(newest.reference)),
  ];
}

/** @param toldId the payment id that the gateway was given: that of the first payment with this reference. */
function comparePayment(payment: PaymentRow, toldId: bigint, entry: BookEntry | undefined): Violation[] {
  const { id, status, type, amountMinor, currency } = payment;
  if (status === 'success' && !entry)
    return [violation(id, `payment ${id} is a success here, and the gateway did not execute it`)];
  if (status === 'failed' && entry)
    return [violation(id, `payment ${id} failed here, and the gateway executed it`)];
  if (!entry) return [];
  const isSame =
    entry.type === (type === 'deposit' ? 'deposit' : 'withdraw') &&
    entry.amountMinor === amountMinor &&
    entry.currency === currency &&
    entry.paymentId === toldId;
  if (isSame) return [];
  return [
    violation(
      id,
      `payment ${id} is a ${type} of ${amountMinor} ${currency} here, and the gateway executed a ${entry.type} of ${entry.amountMinor} ${entry.currency} for payment ${entry.paymentId}`,
    ),
  ];
}

function violation(paymentId: bigint | null, detail: string): Violation {
  return { invariant: 'I7', paymentId, detail };
}
