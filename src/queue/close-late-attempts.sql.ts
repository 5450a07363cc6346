import type { Queryable } from '../database/database.ts';
import type { AttemptReport, RunId } from './task.ts';

/**
 * Records the answers of runs that had lost their task by the time they arrived. The fence protects the task and the payment, but an
 * attempt's row always belongs to its run, and its answer is worth more than 'abandoned'. A row that has an answer keeps it. A late unknown
 * outcome adds nothing to an abandoned row, unless it claims success.
 */
export async function closeLateAttempts(
  queryable: Queryable,
  closed: readonly (RunId & { readonly report: AttemptReport })[],
): Promise<void> {
  const sorted = closed.toSorted((a, b) => (a.paymentId < b.paymentId ? -1 : 1));
  await queryable.query({
    name: 'queue-close-late-attempts',
    text: `
      with late as materialized (
        select attempt.payment_id, attempt.run_lease, closed.outcome, closed.inquiry, closed.http_status,
               closed.error_class, closed.error, closed.latency_ms, closed.gateway_reference
        from payment_attempts as attempt
        join unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::int[], $9::text[])
          as closed (payment_id, run_lease, outcome, inquiry, http_status, error_class, error, latency_ms, gateway_reference)
          using (payment_id, run_lease)
        where attempt.outcome is null
          or (attempt.outcome = 'abandoned' and (closed.outcome <> 'unknown' or closed.error_class = 'claimed_success'))
        order by attempt.payment_id
        for update of attempt
      )
      update payment_attempts as attempt
      set finished_at = now(),
          outcome = late.outcome,
          inquiry = late.inquiry,
          http_status = late.http_status,
          error_class = late.error_class,
          error = late.error,
          latency_ms = late.latency_ms,
          gateway_reference = late.gateway_reference
      from late
      where attempt.payment_id = late.payment_id
        and attempt.run_lease = late.run_lease`,
    values: [
      sorted.map((run) => run.paymentId),
      sorted.map((run) => run.runLease),
      sorted.map((run) => run.report.outcome),
      sorted.map((run) => run.report.inquiry),
      sorted.map((run) => run.report.httpStatus),
      sorted.map((run) => run.report.errorClass),
      sorted.map((run) => run.report.error),
      sorted.map((run) => run.report.latencyMs),
      sorted.map((run) => run.report.gatewayReference ?? null),
    ],
  });
}
