import type { BulkRedrive } from '../../../dead-letters/bulk-redrive.ts';
import { idOrNull } from '../../describe/render-id.ts';

export const bulkRedriveExample = {
  id: 1,
  state: 'running',
  filter: { reasons: ['attempts_exhausted'], type: null, user_id: null, letters: null },
  per_second: 20,
  total: 340,
  redriven: 118,
  refused: 2,
  withheld: 1,
  skipped: 0,
  failed: 0,
  by: 'ana',
  reason: 'the gateway is back',
  stopped_by: null,
  created_at: '2026-01-01T12:00:00.000Z',
  updated_at: '2026-01-01T12:00:06.000Z',
  finished_at: null,
};

export function renderBulkRedrive(redrive: BulkRedrive) {
  const { filter } = redrive;
  return {
    id: Number(redrive.id),
    state: redrive.state,
    filter: {
      reasons: filter.reasons,
      type: filter.type,
      user_id: idOrNull(filter.userId),
      letters: filter.letterIds?.length ?? null,
    },
    per_second: redrive.perSecond,
    total: redrive.totalCount,
    redriven: redrive.redrivenCount,
    refused: redrive.refusedCount,
    withheld: redrive.withheldCount,
    skipped: redrive.skippedCount,
    failed: redrive.failedCount,
    by: redrive.requestedBy,
    reason: redrive.reason,
    stopped_by: redrive.stoppedBy,
    created_at: redrive.createdAt.toISOString(),
    updated_at: redrive.updatedAt.toISOString(),
    finished_at: redrive.finishedAt?.toISOString() ?? null,
  };
}
