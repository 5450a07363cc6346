import type { Queryable, Transaction } from '../../database/database.ts';
import type { ResolutionOutcome } from './resolution-outcome.ts';

export interface NewResolution {
  readonly paymentId: bigint;
  readonly outcome: ResolutionOutcome;
  readonly by: string;
  readonly reason: string;
  /** What the decision is based on: a line of a statement, a ticket at the gateway. */
  readonly evidence: string;
  readonly gatewayReference: string | null;
}

export async function insertResolution(
  transaction: Transaction,
  resolution: NewResolution & {
    /** The evidence that the money moved, if the person overrode it. */
    readonly overriddenEvidence: readonly object[] | null;
  },
): Promise<void> {
  await transaction.query(
    `insert into payment_resolutions (payment_id, outcome, resolved_by, reason, evidence, gateway_reference, overridden_evidence)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      resolution.paymentId,
      resolution.outcome,
      resolution.by,
      resolution.reason,
      resolution.evidence,
      resolution.gatewayReference,
      resolution.overriddenEvidence && JSON.stringify(resolution.overriddenEvidence),
    ],
  );
}

/** The earlier decision about a payment; undefined if there is none. */
export async function findResolution(
  queryable: Queryable,
  paymentId: bigint,
): Promise<{ readonly by: string; readonly outcome: NewResolution['outcome'] } | undefined> {
  const { rows } = await queryable.query(
    'select resolved_by as by, outcome from payment_resolutions where payment_id = $1',
    [paymentId],
  );
  return rows[0];
}

/**
 * Whether a payment was resolved in exactly these words. A payment is resolved once and the row stays, so it is either the row of the
 * transaction whose COMMIT was lost, or one that says the same.
 */
export async function isResolutionWritten(
  queryable: Queryable,
  { paymentId, outcome, by, reason, evidence }: NewResolution,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from payment_resolutions
     where payment_id = $1 and outcome = $2 and resolved_by = $3 and reason = $4 and evidence = $5`,
    [paymentId, outcome, by, reason, evidence],
  );
  return rowCount === 1;
}
