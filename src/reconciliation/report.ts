import type { DifferenceKind } from './difference.ts';

/** The counts of a report; for each kind of difference also how many are still open. */
export interface ReportCounts {
  readonly matched: number;
  /** Payments that are open, or ended after the cut-off: the gateway's book may not show them yet. */
  readonly inTransit: number;
  readonly differences: Readonly<Partial<Record<DifferenceKind, DifferenceCount>>>;
}

export interface DifferenceCount {
  readonly found: number;
  readonly open: number;
}

/** Deposits less withdrawals of one currency, in minor units. theirs = ours + inTransit + differences. */
export interface CurrencyTotals {
  readonly currency: string;
  readonly oursMinor: bigint;
  readonly theirsMinor: bigint;
  readonly inTransitMinor: bigint;
  readonly differencesMinor: bigint;
  /** The gateway-clearing account at the end of the report; it is the negative of theirs if nothing is in transit or open. */
  readonly clearingMinor: bigint;
}

export const REPORT_STATUSES = ['running', 'clean', 'differences', 'failed'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

/** Who began a report: a person on the command line, or the worker's crontab. */
export const REPORT_STARTERS = ['command', 'schedule'] as const;
export type ReportStarter = (typeof REPORT_STARTERS)[number];

export interface ReconciliationReport {
  readonly id: bigint;
  readonly status: ReportStatus;
  readonly startedBy: ReportStarter;
  readonly startedAt: Date;
  /** Payments that ended after this time count as in transit. */
  readonly cutOffAt: Date;
  readonly finishedAt: Date | null;
  readonly counts: ReportCounts | null;
  readonly totals: readonly CurrencyTotals[] | null;
  readonly error: string | null;
  /** Whose book was compared. */
  readonly gateway: string;
}

export function countOpenDifferences({ differences }: ReportCounts): number {
  return Object.values(differences).reduce((sum, { open }) => sum + open, 0);
}
