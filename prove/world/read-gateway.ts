import type { BookEntry, BookTotal, GatewayCall } from './world.ts';

const PAGE_SIZE = 10_000;

interface RawEntry {
  readonly reference: string;
  readonly payment_id: string;
  readonly type: 'deposit' | 'withdraw';
  readonly amount_minor: string;
  readonly currency: string;
  readonly executed_at: string;
}
interface RawTotal {
  readonly currency: string;
  readonly count: number;
  readonly deposits_minor: string;
  readonly withdrawals_minor: string;
}
interface RawCall {
  readonly reference: string;
  readonly at: string;
  readonly kind: 'pay' | 'inquiry' | 'answer' | 'callback';
  readonly mode?: string;
  readonly answer?: string;
  readonly said?: string;
}

/** Reads the gateway's book, with the totals that the gateway computed itself. */
export async function readBook(
  gatewayUrl: string,
): Promise<{ readonly book: BookEntry[]; readonly bookTotals: BookTotal[] }> {
  const { entries, lastPage } = await readPages<RawEntry>(`${gatewayUrl}/book`);
  const totals = lastPage.totals as RawTotal[];
  return {
    book: entries.map((entry) => ({
      reference: entry.reference,
      paymentId: BigInt(entry.payment_id),
      type: entry.type,
      amountMinor: BigInt(entry.amount_minor),
      currency: entry.currency,
      executedAt: new Date(entry.executed_at),
    })),
    bookTotals: totals.map((total) => ({
      currency: total.currency,
      count: total.count,
      depositsMinor: BigInt(total.deposits_minor),
      withdrawalsMinor: BigInt(total.withdrawals_minor),
    })),
  };
}

/**
 * Reads every request that reached the gateway, and everything that it said about a payment's money.
 * @throws when the gateway could not keep all of them.
 */
export async function readCalls(gatewayUrl: string): Promise<GatewayCall[]> {
  const { entries, lastPage } = await readPages<RawCall>(`${gatewayUrl}/journal`);
  if (lastPage.dropped_count !== 0)
    throw new Error('the gateway’s journal has dropped entries: make the run shorter');
  return entries.map(({ reference, at, kind, mode, answer, said }) => ({
    reference,
    at: new Date(at),
    kind,
    result: mode ?? answer ?? said ?? '',
  }));
}

async function readPages<Entry>(
  url: string,
): Promise<{ readonly entries: Entry[]; readonly lastPage: Record<string, unknown> }> {
  const entries: Entry[] = [];
  for (let after = 0; ; ) {
    const response = await fetch(`${url}?after=${after}&limit=${PAGE_SIZE}`);
    const page = (await response.json()) as { entries: Entry[]; next_after: number | null };
    entries.push(...page.entries);
    if (page.next_after === null) return { entries, lastPage: { ...page } };
    after = page.next_after;
  }
}
