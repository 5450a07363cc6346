import { type Evidence, stateEvidence } from '../payments/evidence/evidence.ts';
import type { ResolutionOutcome } from '../payments/unknown/resolution-outcome.ts';
import type { Logger } from '../telemetry/logging.ts';
import type { BulkRedrive } from './bulk-redrive.ts';

/** Logs what operators do, in the same form whether they use the API or the command line. */

export function logBulkRedriveStarted(
  log: Logger,
  { id, totalCount, requestedBy, reason }: Pick<BulkRedrive, 'id' | 'totalCount' | 'requestedBy' | 'reason'>,
): void {
  log.warn({
    event: 'bulk_redrive.started',
    bulk_redrive_id: id.toString(),
    count: totalCount,
    by: requestedBy,
    reason,
  });
}

export function logBulkRedriveSteered(
  log: Logger,
  { id, by, action }: { readonly id: bigint; readonly by: string; readonly action: 'stopped' | 'resumed' },
): void {
  log.warn({ event: `bulk_redrive.${action}`, bulk_redrive_id: id.toString(), by });
}

export function logRedriven(
  log: Logger,
  letter: {
    readonly id: bigint;
    readonly paymentId: bigint;
    readonly by: string;
    readonly reason: string | null;
    readonly overridden: readonly Evidence[];
  },
): void {
  const { by } = letter;
  const about = { dead_letter_id: letter.id.toString(), payment_id: letter.paymentId.toString(), by };
  log.info({ event: 'dead_letter.redriven', ...about });
  if (letter.overridden.length > 0)
    log.warn({
      event: 'dead_letter.evidence_overridden',
      ...about,
      reason: letter.reason,
      evidence: stateEvidence(letter.overridden),
    });
}

export function logDiscarded(
  log: Logger,
  letter: { readonly id: bigint; readonly paymentId: bigint; readonly by: string; readonly reason: string },
): void {
  const { id, paymentId, by, reason } = letter;
  log.info({
    event: 'dead_letter.discarded',
    dead_letter_id: id.toString(),
    payment_id: paymentId.toString(),
    by,
    reason,
  });
}

export function logResolved(
  log: Logger,
  resolution: {
    readonly paymentId: bigint;
    readonly outcome: ResolutionOutcome;
    readonly by: string;
    readonly reason: string;
    readonly overridden: readonly Evidence[];
  },
): void {
  const { paymentId, outcome, by, reason, overridden } = resolution;
  log.warn({
    event: 'payment.resolved',
    payment_id: paymentId.toString(),
    outcome,
    by,
    reason,
    overridden: overridden.length > 0 ? stateEvidence(overridden) : undefined,
  });
}
