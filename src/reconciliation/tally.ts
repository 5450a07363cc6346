import type { DifferenceKind } from './difference.ts';
import type { CurrencyTotals, DifferenceCount, ReportCounts } from './report.ts';

type Side = 'oursMinor' | 'theirsMinor' | 'inTransitMinor' | 'differencesMinor';

/** Adds up a report page by page. */
export function createTally() {
  let matched = 0;
  let inTransit = 0;
  const differences = new Map<DifferenceKind, DifferenceCount>();
  const totals = new Map<string, Record<Side, bigint>>();

  return {
    addMatched(count: number): void {
      matched += count;
    },
    addInTransit(count: number): void {
      inTransit += count;
    },
    addDifferences(kind: DifferenceKind, count: DifferenceCount): void {
      const before = differences.get(kind) ?? { found: 0, open: 0 };
      differences.set(kind, { found: before.found + count.found, open: before.open + count.open });
    },
    addMoney(side: Side, currency: string, amountMinor: bigint): void {
      const total = totals.get(currency) ?? {
        oursMinor: 0n,
        theirsMinor: 0n,
        inTransitMinor: 0n,
        differencesMinor: 0n,
      };
      total[side] += amountMinor;
      totals.set(currency, total);
    },
    currencies: (): string[] => [...totals.keys()].sort(),
    counts: (): ReportCounts => ({ matched, inTransit, differences: Object.fromEntries(differences) }),
    totals: (clearingMinor: ReadonlyMap<string, bigint>): CurrencyTotals[] =>
      [...totals]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([currency, total]) => ({
          currency,
          ...total,
          clearingMinor: clearingMinor.get(currency) ?? 0n,
        })),
  };
}

export type Tally = ReturnType<typeof createTally>;
