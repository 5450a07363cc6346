import type { ReconciliationReport } from '../../../reconciliation/report.ts';

export function renderReport(report: ReconciliationReport) {
  return {
    id: Number(report.id),
    gateway: report.gateway,
    status: report.status,
    started_by: report.startedBy,
    started_at: report.startedAt.toISOString(),
    cut_off_at: report.cutOffAt.toISOString(),
    finished_at: report.finishedAt?.toISOString() ?? null,
    error: report.error,
    matched: report.counts?.matched ?? null,
    in_transit: report.counts?.inTransit ?? null,
    differences: report.counts?.differences ?? null,
    totals:
      report.totals?.map((total) => ({
        currency: total.currency,
        ours_minor: total.oursMinor.toString(),
        theirs_minor: total.theirsMinor.toString(),
        in_transit_minor: total.inTransitMinor.toString(),
        differences_minor: total.differencesMinor.toString(),
        clearing_minor: total.clearingMinor.toString(),
      })) ?? null,
  };
}
