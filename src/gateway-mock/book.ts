import { formatAmount } from '../money/decimal-amount.ts';

/** One payment that the gateway carried out. */
export interface BookEntry {
  readonly reference: string;
  readonly gatewayReference: string;
  readonly paymentId: string;
  readonly userId: string;
  readonly type: 'deposit' | 'withdraw';
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly currency: string;
  readonly executedAt: Date;
}

interface Total {
  count: number;
  depositsMinor: bigint;
  withdrawalsMinor: bigint;
}

/** The gateway's own book: each executed payment once, in the order of execution. */
export function createBook() {
  const entries: BookEntry[] = [];
  const byReference = new Map<string, BookEntry>();
  const totals = new Map<string, Total>();

  return {
    find: (reference: string): BookEntry | undefined => byReference.get(reference),

    /** @throws Error if the reference is already in the book: nothing is ever executed twice. */
    enter(entry: BookEntry): void {
      if (byReference.has(entry.reference)) throw new Error('the reference is already in the book');
      entries.push(entry);
      byReference.set(entry.reference, entry);
      const total = totals.get(entry.currency) ?? { count: 0, depositsMinor: 0n, withdrawalsMinor: 0n };
      total.count += 1;
      if (entry.type === 'deposit') total.depositsMinor += entry.amountMinor;
      else total.withdrawalsMinor += entry.amountMinor;
      totals.set(entry.currency, total);
    },

    clear(): void {
      entries.length = 0;
      byReference.clear();
      totals.clear();
    },

    /** The number of the newest line that was executed by `time`; the first is 1. */
    lineCount(time: Date): number {
      let count = entries.length;
      for (let entry = entries[count - 1]; entry && entry.executedAt > time; entry = entries[count - 1])
        count -= 1;
      return count;
    },

    /** The exported lines after line `after`, up to and including line `through`; each is a JSON object with its number. */
    *lines({ after, through }: { readonly after: number; readonly through: number }): Generator<string> {
      for (let line = after + 1; line <= through; line += 1) {
        const entry = entries[line - 1];
        // The book was cleared in the meantime.
        if (!entry) return;
        yield `${JSON.stringify({ line, ...renderEntry(entry) })}\n`;
      }
    },

    /**
     * A page of the book, with totals of the whole book. Amounts are given as decimals and as minor units, both as text. `net` is deposits
     * minus withdrawals, which include refunds. If a processor agrees with this book, its gateway-clearing account is `-net`.
     */
    export({ after, limit }: { readonly after: number; readonly limit: number }) {
      const page = entries.slice(after, after + limit);
      const nextAfter = after + page.length;
      return {
        entries: page.map(renderEntry),
        next_after: nextAfter < entries.length ? nextAfter : null,
        totals: [...totals].map(([currency, total]) => renderTotal(currency, total)),
      };
    },
  };
}

/** An entry in its exported form. */
export function renderEntry(entry: BookEntry) {
  return {
    reference: entry.reference,
    gateway_reference: entry.gatewayReference,
    payment_id: entry.paymentId,
    user_id: entry.userId,
    type: entry.type,
    amount: formatAmount(entry.amountMinor, entry.currency),
    amount_minor: entry.amountMinor.toString(),
    commission: formatAmount(entry.feeMinor, entry.currency),
    commission_minor: entry.feeMinor.toString(),
    currency: entry.currency,
    status: 'succeeded',
    executed_at: entry.executedAt.toISOString(),
  };
}

function renderTotal(currency: string, { count, depositsMinor, withdrawalsMinor }: Total) {
  const netMinor = depositsMinor - withdrawalsMinor;
  return {
    currency,
    count,
    deposits: formatAmount(depositsMinor, currency),
    deposits_minor: depositsMinor.toString(),
    withdrawals: formatAmount(withdrawalsMinor, currency),
    withdrawals_minor: withdrawalsMinor.toString(),
    net: formatAmount(netMinor, currency),
    net_minor: netMinor.toString(),
  };
}
