import type { Queryable, Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import type { EvidenceSource, EvidenceStatement } from './evidence.ts';
import { LINKED_PAYMENTS, type LinkScope } from './linked-payments.sql.ts';

/** One piece of evidence, as found in the database. */
export interface FoundEvidence {
  readonly askedId: bigint;
  readonly paymentId: bigint;
  /** That payment's reference at the gateway. */
  readonly reference: string;
  readonly source: EvidenceSource;
  /** Identifies it within its source: the number of an attempt or inquiry, an event id, the id of a difference, or who resolved. */
  readonly name: string;
  /** The kind of a difference; the error class of an attempt or an answer; `contradictory` of a callback. */
  readonly kind: string | null;
  /** The source of a difference. */
  readonly reportedBy: string | null;
  readonly isClosed: boolean;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly gatewayReference: string | null;
  readonly at: Date;
}

/** Far more than a payment has; anything left out would not change a decision. */
const MOST_OF_A_SOURCE = 20;

/**
 * Locks payments and those linked with them, by id, and then finds all evidence that their money moved. Code that is about to fail, release
 * or redrive a payment reads this way, and code that writes such evidence checks the payment afterwards under the same lock, so one of the
 * two always sees the other. The second statement begins when the locks are held, so it sees everything committed until then.
 */
export async function lockAndFindEvidence(
  transaction: Transaction,
  paymentIds: readonly bigint[],
  scope: LinkScope,
): Promise<FoundEvidence[]> {
  const [, found] = await sentTogether([
    lockLinkedPayments(transaction, paymentIds, scope),
    findEvidence(transaction, paymentIds, scope),
  ]);
  return found;
}

/** Locks payments and those linked with them, by id. */
export async function lockLinkedPayments(
  transaction: Transaction,
  paymentIds: readonly bigint[],
  scope: LinkScope,
): Promise<void> {
  await transaction.query({
    name: 'payments-lock-linked',
    text: `
      with ${LINKED_PAYMENTS}
      select 1
      from payments
      where (user_id, id) in (select user_id, id from linked)
      order by id
      for no key update`,
    values: [paymentIds, scope === 'reference'],
  });
}

/**
 * Finds the evidence that the money of payments moved, without locks. A closed difference counts, too: the person who closed it may have
 * found that the money did move.
 */
export async function findEvidence(
  queryable: Queryable,
  paymentIds: readonly bigint[],
  scope: LinkScope,
): Promise<FoundEvidence[]> {
  const { rows } = await queryable.query<FoundEvidence>({
    name: 'payments-find-evidence',
    text: `
      with ${LINKED_PAYMENTS}
      select linked.asked_id as "askedId", linked.id as "paymentId", linked.reference, said.source, said.name, said.kind,
             said.reported_by as "reportedBy", said.is_closed as "isClosed", said.amount, said.currency,
             said.gateway_reference as "gatewayReference", said.at
      from linked
      cross join lateral (
        (
          select 'attempt' as source, run_lease::text as name, error_class as kind, null::text as reported_by,
                 false as is_closed, null::text as amount, null::text as currency, gateway_reference,
                 coalesce(finished_at, started_at) as at
          from payment_attempts
          where payment_id = linked.id
            and (outcome = 'succeeded' or inquiry = 'succeeded' or error_class = 'claimed_success')
          limit ${MOST_OF_A_SOURCE}
        )
        union all
        (
          select 'callback', event_id, case when is_contradictory then 'contradictory' end, null, false, amount, currency, gateway_reference, received_at
          from gateway_events
          where payment_id = linked.id and reference = linked.reference and (status = 'succeeded' or is_contradictory)
          limit ${MOST_OF_A_SOURCE}
        )
        union all
        (
          select 'inquiry', asked_count::text, error_class, null, false, null, null,
                 case when answer = 'succeeded' then detail end, asked_at
          from payment_inquiry_answers
          where payment_id = linked.id and (answer = 'succeeded' or error_class = 'claimed_success')
          limit ${MOST_OF_A_SOURCE}
        )
        union all
        (
          select 'exception', id::text, kind, source, closed_at is not null, theirs ->> 'amount', theirs ->> 'currency',
                 theirs ->> 'gateway_reference', created_at
          from (
            select * from reconciliation_differences where payment_id = linked.id and payment_id is not null
            union
            select * from reconciliation_differences where reference = linked.reference and reference is not null
          ) as difference
          where theirs ->> 'status' = 'succeeded'
          limit ${MOST_OF_A_SOURCE}
        )
        union all
        select 'book', report_id::text, null, null, false, amount::text, currency, gateway_reference, seen_at
        from payment_book_sightings
        where reference = linked.reference
        union all
        select 'resolution', resolved_by, null, null, false, null, null, gateway_reference, created_at
        from payment_resolutions
        where payment_id = linked.id and outcome = 'executed'
        union all
        select 'payment', linked.id::text, null, null, false, null, null, null, linked.updated_at
        where linked.id <> linked.asked_id and linked.status = 'success'
      ) as said
      order by said.at, linked.id`,
    values: [paymentIds, scope === 'reference'],
  });
  return rows;
}

/** The evidence that people overrode when they redrove payments of a chain. */
export async function findOverridden(queryable: Queryable, paymentId: bigint): Promise<EvidenceStatement[]> {
  const { rows } = await queryable.query<{ overridden: EvidenceStatement[] }>({
    name: 'payments-find-overridden',
    text: `
      with ${LINKED_PAYMENTS}
      select letter.overridden_evidence as overridden
      from linked
      join payment_dlq as letter on letter.user_id = linked.user_id and letter.payment_id = linked.id
      where letter.overridden_evidence is not null`,
    values: [[paymentId], false],
  });
  return rows.flatMap(({ overridden }) => overridden);
}
