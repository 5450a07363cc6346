import type { RecordedDifference } from '../../../reconciliation/read-differences.sql.ts';
import { idOrNull } from '../../describe/render-id.ts';

export function renderDifference(difference: RecordedDifference) {
  return {
    id: Number(difference.id),
    payment_id: idOrNull(difference.paymentId),
    reference: difference.reference,
    kind: difference.kind,
    source: difference.source,
    ours: difference.ours,
    theirs: difference.theirs,
    created_at: difference.createdAt.toISOString(),
    last_seen_at: difference.lastSeenAt.toISOString(),
    seen_count: difference.seenCount,
    closed_at: difference.closedAt?.toISOString() ?? null,
    closed_by: difference.closedBy,
    closed_reason: difference.closedReason,
  };
}
