import type { Pool } from '../../src/database/database.ts';
import type {
  AccountRow,
  AttemptRow,
  CommandKeyRow,
  DeadLetterRow,
  EntryRow,
  EvidenceRow,
  GatewayEventRow,
  HoldRow,
  KeyRow,
  LedgerStep,
  OpenWork,
  OrderHoldRow,
  PaymentRow,
  QuoteRow,
  ResolutionRow,
  SeenEnding,
  TransferRow,
} from './world.ts';

export async function readPayments(pool: Pool): Promise<PaymentRow[]> {
  const { rows } = await pool.query(`
    select payment.id, payment.user_id as "userId", payment.wallet_id as "walletId", payment.type,
           payment.amount as "amountMinor", payment.fee as "feeMinor", payment.wallet_pays_fee as "walletPaysFee",
           payment.currency, payment.status,
           payment.reference, payment.redrive_of as "redriveOf", payment.refund_of as "refundOf", payment.created_at as "createdAt",
           payment.updated_at as "updatedAt", task.payment_id is not null as "hasTask",
           inquiry.payment_id is not null as "hasInquiry"
    from payments as payment
    left join payment_tasks as task on task.user_id = payment.user_id and task.payment_id = payment.id
    left join payment_inquiries as inquiry on inquiry.user_id = payment.user_id and inquiry.payment_id = payment.id
    order by payment.id`);
  return rows;
}

export async function readAccounts(pool: Pool): Promise<AccountRow[]> {
  const { rows } = await pool.query(`
    select id, user_id as "userId", kind, currency, name, posted as "postedMinor", held as "heldMinor",
           floor as "floorMinor", folded_below as "foldedBelow"
    from accounts
    order by id`);
  return rows;
}

export async function readHolds(pool: Pool): Promise<HoldRow[]> {
  const { rows } = await pool.query(`
    select user_id as "userId", account_id as "accountId", purpose, subject_id as "subjectId",
           amount_minor as "amountMinor", currency
    from holds`);
  return rows;
}

export async function readOrderHolds(pool: Pool): Promise<OrderHoldRow[]> {
  const { rows } = await pool.query(`
    select id, user_id as "userId", wallet_id as "walletId", amount_minor as "amountMinor", captured_minor as "capturedMinor",
           released_minor as "releasedMinor", currency, status, created_at as "createdAt",
           expires_at as "expiresAt", resolved_at as "resolvedAt"
    from order_holds
    order by id`);
  return rows;
}

export async function readTransfers(pool: Pool): Promise<TransferRow[]> {
  const { rows } = await pool.query(`
    select id, user_id as "userId", from_wallet_id as "fromWalletId", to_wallet_id as "toWalletId",
           amount as "amountMinor", fee as "feeMinor", fee_payer as "feePayer", currency, created_at as "createdAt"
    from wallet_transfers
    order by id`);
  return rows;
}

export async function readQuotes(pool: Pool): Promise<QuoteRow[]> {
  const { rows } = await pool.query(`
    select id, token::text as token, user_id as "userId", from_wallet_id as "fromWalletId", from_currency as "fromCurrency", to_currency as "toCurrency",
           from_amount as "fromMinor", to_amount as "toMinor", spread_amount as "spreadMinor",
           expires_at as "expiresAt", used_at as "usedAt"
    from conversion_quotes
    order by id`);
  return rows;
}

export async function readSteps(pool: Pool): Promise<LedgerStep[]> {
  const { rows } = await pool.query(
    `select id, reference, step, created_at as "createdAt" from ledger_transactions order by id`,
  );
  return rows;
}

export async function readEntries(pool: Pool): Promise<EntryRow[]> {
  const { rows } = await pool.query(`
    select account_id as "accountId", transaction_id as "transactionId", amount as "amountMinor",
           written_by_xid as "writtenByXid"
    from ledger_entries`);
  return rows;
}

export async function readAttempts(pool: Pool): Promise<AttemptRow[]> {
  const { rows } = await pool.query(`
    select payment_id as "paymentId", run_lease as "runLease", worker, started_at as "startedAt",
           finished_at as "finishedAt", outcome, inquiry, error_class as "errorClass"
    from payment_attempts
    order by payment_id, run_lease`);
  return rows;
}

export async function readDeadLetters(pool: Pool): Promise<DeadLetterRow[]> {
  const { rows } = await pool.query(`
    select payment_id as "paymentId", reason, created_at as "createdAt", action, action_at as "actionAt",
           action_by as "actionBy", redriven_payment_id as "redrivenPaymentId", pg_xact_commit_timestamp(xmin) as "committedAt"
    from payment_dlq
    order by id`);
  return rows;
}

/**
 * Everything recorded that says that the money of a payment moved, whatever amount it names, with the time at which it was
 * committed: times in the rows themselves are those at which transactions began, or that a gateway wrote.
 */
export async function readEvidence(pool: Pool): Promise<EvidenceRow[]> {
  const { rows } = await pool.query(`
    select 'attempt' as source, payment_id as "paymentId", null as reference,
           concat_ws(' ', 'run', run_lease, error_class) as what,
           pg_xact_commit_timestamp(xmin) as "committedAt"
    from payment_attempts
    where outcome = 'succeeded' or inquiry = 'succeeded' or error_class = 'claimed_success'
    union all
    select 'callback', payment_id, reference, event_id, pg_xact_commit_timestamp(xmin)
    from gateway_events
    where status = 'succeeded' or is_contradictory
    union all
    select 'inquiry', payment_id, null, coalesce(detail, answer), pg_xact_commit_timestamp(xmin)
    from payment_inquiry_answers
    where answer = 'succeeded' or error_class = 'claimed_success'
    union all
    select 'exception', payment_id, reference, kind || ' from ' || source, pg_xact_commit_timestamp(xmin)
    from reconciliation_differences
    where theirs ->> 'status' = 'succeeded'
    union all
    select 'book', null, reference, 'as report ' || report_id || ' found', pg_xact_commit_timestamp(xmin)
    from payment_book_sightings
    union all
    select 'resolution', payment_id, null, 'by ' || resolved_by, pg_xact_commit_timestamp(xmin)
    from payment_resolutions
    where outcome = 'executed'`);
  return rows;
}

/** What people decided. */
export async function readResolutions(pool: Pool): Promise<ResolutionRow[]> {
  const { rows } = await pool.query(`
    select payment_id as "paymentId", outcome, resolved_by as by, created_at as "createdAt"
    from payment_resolutions
    order by id`);
  return rows;
}

/** Of what the prover knows otherwise; wallets, violations and differences are not among it. */
export async function readTold(pool: Pool): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ subject: string; history: string }>(`
    select subject, string_agg(split_part(type, '.', 3), ' ' order by id) as history
    from events
    where type ~ '^tollgate[.](payment|hold|transfer|conversion)[.]'
    group by subject`);
  return new Map(rows.map(({ subject, history }) => [subject, history]));
}

export async function readGatewayEvents(pool: Pool): Promise<GatewayEventRow[]> {
  const { rows } = await pool.query(`select event_id as "eventId", reference, status from gateway_events`);
  return rows;
}

/** A payment of unknown outcome, for a person to look up elsewhere. */
export interface UnknownRow {
  readonly id: bigint;
  readonly reference: string;
  /** The gateway now says that it did not carry it out, which contradicts something that it said before. */
  readonly isDenied: boolean;
}

export async function readUnknown(pool: Pool): Promise<UnknownRow[]> {
  const { rows } = await pool.query(`
    select payment.id, payment.reference, coalesce(inquiry.last_answer ~ '^(not_found|refused), but', false) as "isDenied"
    from payments as payment
    left join payment_inquiries as inquiry on inquiry.payment_id = payment.id
    where payment.status = 'unknown'
    order by payment.id`);
  return rows;
}

/** Keys of payments. */
export async function readKeys(pool: Pool): Promise<KeyRow[]> {
  const { rows } = await pool.query(`
    select scope as "userId", key, resource_id as "paymentId", pg_xact_commit_timestamp(xmin) as "committedAt"
    from idempotency_keys
    where resource_kind = 'payment'`);
  return rows;
}

/** Keys of users that no payment has. */
export async function readCommandKeys(pool: Pool): Promise<CommandKeyRow[]> {
  const { rows } = await pool.query(`
    select scope as "userId", key, resource_kind as kind, resource_id as "resourceId", response_status as status,
           pg_xact_commit_timestamp(xmin) as "committedAt"
    from idempotency_keys
    where resource_kind <> 'payment' and scope > 0`);
  return rows;
}

export async function readEndings(pool: Pool): Promise<Omit<SeenEnding, 'seenBy'>[]> {
  const { rows } = await pool.query(
    `select id as "paymentId", status from payments where status in ('success', 'failed')`,
  );
  return rows;
}

/** Wallets below their floor at this moment, as sentences. */
export async function readOverdrafts(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query(`
    select format('account %s: posted %s, held %s, floor %s', id, posted, held, floor) as text
    from accounts
    where floor is not null and (posted - held < floor or held < 0)`);
  return rows.map((row) => row.text);
}

/** How much is left to do. */
export async function countOpen(pool: Pool): Promise<OpenWork> {
  const { rows } = await pool.query(`
    select (select count(*)::int from payment_tasks) as tasks,
           (select count(*)::int from payment_inquiries) as inquiries,
           (select count(*)::int from bulk_redrives where state = 'running') as orders,
           (select count(*)::int from order_holds where status = 'open' and expires_at <= now()) as "lateHolds"`);
  return rows[0];
}

/**
 * Brings the next question about each payment of unknown outcome forward, so that hours of waiting become seconds. How long
 * it has been unknown stays true, and with it the grace period.
 */
export async function hurryInquiries(pool: Pool): Promise<void> {
  await pool.query(
    `update payment_inquiries set next_ask_at = now() where next_ask_at > now() + interval '1 second'`,
  );
}
