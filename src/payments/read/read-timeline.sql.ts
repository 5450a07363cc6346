import type { Knex } from '../../database/database.ts';
import { holdsFunds, neededAmount } from '../kinds/payment-kinds.sql.ts';
import type {
  TimelineCallback,
  TimelineEntry,
  TimelineHold,
  TimelineInquiry,
  TimelineResolution,
  TimelineTransaction,
} from './timeline.ts';

/** A bound on the answer, far more than any payment has. */
const MOST = 1000;

/** What a payment of this kind holds or held. Resolving a hold deletes its row, so this is derived from the payment. */
export async function findHold(knex: Knex, paymentId: bigint): Promise<TimelineHold | undefined> {
  const { rows } = await knex.raw(
    `
    select ${neededAmount('type', { amount: 'amount', fee: 'fee' })} as "amountMinor", case when status = 'failed' then updated_at end as "releasedAt"
    from payments
    where id = :paymentId and ${holdsFunds('type')}`,
    { paymentId },
  );
  return rows[0];
}

/**
 * The ledger transactions of a payment with their entries. Entries are found through the accounts that a payment can
 * touch, because they have no index by transaction.
 */
export async function listTransactions(knex: Knex, paymentId: bigint): Promise<TimelineTransaction[]> {
  const { rows }: { rows: (TimelineEntry & Omit<TimelineTransaction, 'entries'>)[] } = await knex.raw(
    `
    with payment as materialized (
      select wallet_id, currency from payments where id = :paymentId
    ),
    touched as materialized (
      select account.id, account.kind from payment join accounts as account on account.id = payment.wallet_id
      union all
      select account.id, account.kind
      from payment
      join accounts as account on account.user_id is null and account.currency = payment.currency
    )
    select posted.id as "transactionId", posted.step, posted.created_at as "createdAt", touched.kind as account,
           touched.id as "accountId", entry.amount as "amountMinor"
    from ledger_transactions as posted
    cross join touched
    join ledger_entries as entry on entry.account_id = touched.id and entry.transaction_id = posted.id
    where posted.reference = 'payment:' || :paymentId::bigint
    order by posted.id, touched.id
    limit ${MOST}`,
    { paymentId },
  );
  return [...Map.groupBy(rows, (row) => row.transactionId).values()].flatMap((entries) => {
    const [first] = entries;
    return first ? [{ ...first, entries }] : [];
  });
}

export async function listCallbacks(knex: Knex, paymentId: bigint): Promise<TimelineCallback[]> {
  const { rows } = await knex.raw(
    `
    select event_id as "eventId", reference, status, amount, currency, gateway_reference as "gatewayReference", message,
           received_at as "receivedAt", processed_at as "processedAt", result, delivery_count as "deliveryCount"
    from gateway_events
    where payment_id = :paymentId
    order by received_at
    limit ${MOST}`,
    { paymentId },
  );
  return rows;
}

export async function listInquiryAnswers(knex: Knex, paymentId: bigint): Promise<TimelineInquiry[]> {
  const { rows } = await knex.raw(
    `
    select asked_at as "askedAt", asked_count as "askedCount", answer, detail
    from payment_inquiry_answers
    where payment_id = :paymentId
    order by id
    limit ${MOST}`,
    { paymentId },
  );
  return rows;
}

export async function listResolutions(knex: Knex, paymentId: bigint): Promise<TimelineResolution[]> {
  const { rows } = await knex.raw(
    `
    select created_at as "createdAt", outcome, resolved_by as by, reason, evidence,
           gateway_reference as "gatewayReference", overridden_evidence as "overriddenEvidence"
    from payment_resolutions
    where payment_id = :paymentId`,
    { paymentId },
  );
  return rows;
}
