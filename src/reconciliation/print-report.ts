import { DEFAULT_GATEWAY } from '../gateway/port/default-gateway.ts';
import { isKnownCurrency } from '../money/currency.ts';
import { formatAmount } from '../money/decimal-amount.ts';
import { countOf } from '../text/plural.ts';
import type { DifferenceKind } from './difference.ts';
import { type CurrencyTotals, countOpenDifferences, type ReportCounts } from './report.ts';
import type { ReconciliationResult } from './run-reconciliation.ts';

const NAMES: Readonly<Partial<Record<DifferenceKind, string>>> = {
  missing_here: 'missing here',
  missing_there: 'missing there',
  amount_mismatch: 'different amount',
  status_contradiction: 'different status',
  duplicate: 'duplicate',
  unreadable_line: 'unreadable time',
};

/** A report for people. */
export function printReport({
  reportId,
  gateway,
  cutOffAt,
  counts,
  totals,
  status,
}: ReconciliationResult): string {
  const whose = gateway === DEFAULT_GATEWAY ? '' : ` with the book of ${gateway}`;
  const rows = [
    ['', 'payments', 'still open'],
    ['matched', `${counts.matched}`, ''],
    ['in transit', `${counts.inTransit}`, ''],
    ...Object.entries(NAMES).map(([kind, name]) => {
      const count = counts.differences[kind as DifferenceKind] ?? { found: 0, open: 0 };
      return [name, `${count.found}`, `${count.open}`];
    }),
  ];
  const money = [
    [
      'deposits less withdrawals and refunds',
      'ours',
      'theirs',
      'in transit',
      'differences',
      'clearing account',
    ],
    ...totals.map((total) => [
      total.currency,
      amount(total.oursMinor, total),
      amount(total.theirsMinor, total),
      amount(total.inTransitMinor, total),
      amount(total.differencesMinor, total),
      amount(total.clearingMinor, total),
    ]),
  ];
  return [
    `Reconciliation report ${reportId}${whose}: what ended by ${cutOffAt.toISOString()}`,
    '',
    ...alignColumns(rows),
    '',
    ...(totals.length > 0 ? [...alignColumns(money), ''] : []),
    explain(status, counts),
    '',
  ].join('\n');
}

/** A report for programs; money in minor units, as text. */
export function renderReportJson(result: ReconciliationResult): string {
  const { reportId, gateway, status, cutOffAt, counts, totals } = result;
  return JSON.stringify({
    report_id: Number(reportId),
    gateway,
    status,
    cut_off_at: cutOffAt.toISOString(),
    matched: counts.matched,
    in_transit: counts.inTransit,
    differences: counts.differences,
    totals: totals.map((total) => ({
      currency: total.currency,
      ours_minor: total.oursMinor.toString(),
      theirs_minor: total.theirsMinor.toString(),
      in_transit_minor: total.inTransitMinor.toString(),
      differences_minor: total.differencesMinor.toString(),
      clearing_minor: total.clearingMinor.toString(),
    })),
  });
}

function explain(status: ReconciliationResult['status'], counts: ReportCounts): string {
  if (status === 'clean') return 'Both books agree, but for what a person has closed.';
  const openCount = countOpenDifferences(counts);
  return `${countOf(openCount, 'difference')} ${openCount === 1 ? 'waits' : 'wait'} for a person: GET /api/v1/reconciliation/exceptions`;
}

function amount(amountMinor: bigint, { currency }: CurrencyTotals): string {
  return isKnownCurrency(currency) ? formatAmount(amountMinor, currency) : `${amountMinor} minor`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
