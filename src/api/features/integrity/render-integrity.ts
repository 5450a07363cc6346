import type { IntegrityReport } from '../../../integrity/integrity-report.ts';
import type { IntegrityRun } from '../../../integrity/run-integrity-check.ts';
import { type Invariant, RULES } from '../../../integrity/violation.ts';
import type { RecordedViolation } from '../../../integrity/violations.sql.ts';

const SAYS: Readonly<Record<Invariant, string>> = {
  I1: 'the entries of each ledger transaction sum to zero in each currency',
  I2: "an account's stored balance is the sum of its entries, and its stored held amount is the sum of its holds",
  I3: 'no wallet is below its floor',
  I4: 'a payment is settled at most once, and its status agrees with the ledger',
  I5: 'every payment and transfer in a stored answer exists, and every open payment has something that carries it on',
  I10: 'what is held belongs to an open withdrawal, refund or order, and what was captured of an order has reached its target',
  I12: 'a quote is used at most once, before it expires, and both amounts that were posted are those that were quoted',
};

export function renderIntegrity(report: IntegrityReport) {
  return {
    status: report.status,
    reason: report.reason,
    violations: report.openCount,
    checked_up_to: timeOrNull(report.checkedUpTo),
    lag_seconds: report.lagSeconds,
    checked_below: Number(report.checkedBelow),
    lag_transactions: Number(report.lagTransactions),
    last_run_at: timeOrNull(report.lastRunAt),
    last_success_at: timeOrNull(report.lastSuccessAt),
    last_duration_ms: report.lastDurationMs,
    last_rows_checked: report.lastRowCount,
    invariants: report.invariants.map(({ invariant, openCount, checkedUpTo, reviewedAt }) => ({
      invariant,
      says: SAYS[invariant],
      violations: openCount,
      checked_up_to: timeOrNull(checkedUpTo),
      reviewed_at: timeOrNull(reviewedAt),
    })),
  };
}

export function renderIntegrityRun(run: IntegrityRun, report: IntegrityReport) {
  return {
    result: run.kind,
    rows_checked: run.rowCount,
    duration_ms: Math.round(run.durationMs),
    found: run.found.length,
    whole_again: run.endedIds.length,
    integrity: renderIntegrity(report),
  };
}

export function renderViolation(violation: RecordedViolation) {
  return {
    id: Number(violation.id),
    invariant: RULES[violation.rule],
    rule: violation.rule,
    subject: violation.subject,
    subject_count: violation.subjectCount,
    samples: violation.samples,
    detail: violation.detail,
    found_at: violation.foundAt.toISOString(),
    last_seen_at: violation.lastSeenAt.toISOString(),
    acknowledged_at: timeOrNull(violation.acknowledgedAt),
    acknowledged_by: violation.acknowledgedBy,
    acknowledged_reason: violation.acknowledgedReason,
    resolved_at: timeOrNull(violation.resolvedAt),
  };
}

function timeOrNull(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
