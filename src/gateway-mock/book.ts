import { formatAmount } from '../shared/money.ts';

/** One payment as the gateway carried it out. */
export interface BookEntry {
  readonly reference: string;
  readonly gatewayReference: string;
  readonly paymentId: string;
  readonly userId: string;
  readonly type: 'deposit' | 'withdraw';
  readonly amountMinor: bigint;
  readonly commissionMinor: bigint;
  readonly currency: string;
  readonly executedAt: Date;
}

/**
 * The gateway's own book: what was executed, once for each reference, in the order of execution.
 * Kept in memory; a mock that is started again has forgotten everything.
 */
export function createBook() {
  const entries = new Map<string, BookEntry>();

  return {
    find: (reference: string): BookEntry | undefined => entries.get(reference),
    /** Executes a payment; one that was executed before is given back as it stands. */
    execute(payment: Omit<BookEntry, 'gatewayReference' | 'executedAt'>): BookEntry {
      const known = entries.get(payment.reference);
      if (known) return known;
      const entry = { ...payment, gatewayReference: `gw-${entries.size + 1}`, executedAt: new Date() };
      entries.set(payment.reference, entry);
      return entry;
    },
    clear: (): void => entries.clear(),

    /**
     * A page of the book, with totals over the whole of it. Amounts stand as decimals and as minor units, both as text.
     * `net` is deposits less withdrawals: the gateway-clearing account of a processor that agrees with it is `-net`.
     */
    export({ after, limit }: { readonly after: number; readonly limit: number }) {
      const all = [...entries.values()];
      const page = all.slice(after, after + limit);
      return {
        entries: page.map((entry) => ({
          reference: entry.reference,
          gateway_reference: entry.gatewayReference,
          payment_id: entry.paymentId,
          user_id: entry.userId,
          type: entry.type,
          amount: formatAmount(entry.amountMinor, entry.currency),
          amount_minor: entry.amountMinor.toString(),
          commission: formatAmount(entry.commissionMinor, entry.currency),
          currency: entry.currency,
          status: 'succeeded',
          executed_at: entry.executedAt.toISOString(),
        })),
        next_after: after + page.length < all.length ? after + page.length : null,
        totals: totalsOf(all),
      };
    },
  };
}

function totalsOf(entries: readonly BookEntry[]) {
  const byCurrency = new Map<string, { count: number; deposits: bigint; withdrawals: bigint }>();
  for (const { currency, type, amountMinor } of entries) {
    const total = byCurrency.get(currency) ?? { count: 0, deposits: 0n, withdrawals: 0n };
    total.count += 1;
    if (type === 'deposit') total.deposits += amountMinor;
    else total.withdrawals += amountMinor;
    byCurrency.set(currency, total);
  }
  return [...byCurrency].map(([currency, total]) => ({
    currency,
    count: total.count,
    deposits: formatAmount(total.deposits, currency),
    deposits_minor: total.deposits.toString(),
    withdrawals: formatAmount(total.withdrawals, currency),
    withdrawals_minor: total.withdrawals.toString(),
    net: formatAmount(total.deposits - total.withdrawals, currency),
    net_minor: (total.deposits - total.withdrawals).toString(),
  }));
}
