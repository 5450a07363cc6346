/**
 * What the role that runs may change, table by table: the columns that a statement of the program changes, and no other. Whose a row is, how much
 * and in which currency is written once. A table that does not stand here is never updated. Rows may be locked (`for update`) by whoever may change
 * one of their columns.
 */
export const CHANGING_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  /** Posting, holding, folding and freezing write these; an account's owner, currency, name and floor stay. */
  accounts: ['posted', 'held', 'folded_below', 'state'],
  /** What became of it; what was asked for, of which wallet, and by which gateway stays. */
  payments: ['status', 'gateway_reference', 'attempts', 'last_error', 'updated_at'],
  payment_tasks: [
    ...[
      'run_at',
      'unknown_since',
      'not_found_at',
      'run_lease',
      'lease_expires_at',
      'attempts',
      'rescue_count',
    ],
    ...['not_found_count', 'turned_away_count', 'state', 'locked_by', 'last_error'],
  ],
  payment_attempts: [
    ...['finished_at', 'http_status', 'latency_ms', 'outcome', 'inquiry', 'error_class', 'error'],
    'gateway_reference',
  ],
  payment_inquiries: [
    ...['opened_at', 'next_ask_at', 'ask_fence', 'asked_at', 'not_found_at', 'needs_review_at'],
    ...['asked_count', 'not_found_count', 'last_answer'],
  ],
  payment_dlq: [
    ...['reason', 'error', 'action', 'action_at', 'action_by', 'action_reason', 'redriven_payment_id'],
    'overridden_evidence',
  ],
  bulk_redrives: [
    ...['state', 'stopped_by', 'updated_at', 'next_slice_at', 'finished_at', 'done_letter_id'],
    ...['redriven_count', 'refused_count', 'skipped_count', 'failed_count', 'withheld_count'],
  ],
  /** What was done about a callback; what it says stays. */
  gateway_events: [
    ...['payment_id', 'next_try_at', 'processed_at', 'delivery_count', 'try_count', 'last_error', 'result'],
  ],
  /** A stored answer expires; whose key it is and what it was used for stays. */
  idempotency_keys: ['response_body'],
  /** What becomes of a hold; whose money was held for which order, how much and until when stays. */
  order_holds: ['captured_minor', 'released_minor', 'capture_count', 'status', 'resolved_at'],
  /** A quote is used, refused under a key, or removed if nobody took it; what was offered stays. */
  conversion_quotes: ['used_at', 'refused_at'],
  /** One row for each pair and state, which takes what is read last. */
  exchange_rates: [
    ...['numerator', 'denominator', 'as_of', 'fetched_at', 'state', 'is_first', 'approved_at', 'approved_by'],
    ...['approved_reason', 'refused_at', 'refused_by', 'refused_reason'],
  ],
  /** A fee stays as it was set; only its end is moved. */
  fee_schedule: ['valid_to'],
  /** How often a difference was seen, and who closed it; both sides of it stay. */
  reconciliation_differences: ['last_seen_at', 'seen_count', 'closed_at', 'closed_by', 'closed_reason'],
  reconciliation_reports: ['status', 'finished_at', 'heartbeat_at', 'counts', 'totals', 'error'],
  integrity_checkpoint: [
    ...['checked_below', 'transaction_step', 'caught_up_at', 'positions', 'last_run_at', 'last_duration_ms'],
    ...['last_row_count', 'last_error', 'last_success_at'],
  ],
  integrity_account_proofs: ['posted', 'touched_at'],
  integrity_violations: [
    ...[
      'fingerprint',
      'detail',
      'last_seen_at',
      'resolved_at',
      'subject_count',
      'samples',
      'rechecked_after',
    ],
    ...['acknowledged_at', 'acknowledged_by', 'acknowledged_reason'],
  ],
  integrity_violation_subjects: ['fingerprint'],
  /** The server that the ledger is on, if it could not be read when the table was made. */
  ledger_clock: ['system_identifier'],
  retention_clock: ['seen_at', 'steady_since'],
  steady_clock: ['seen_at', 'steady_since', 'change_count'],
  database_history: ['timeline', 'cut_count', 'cut_at', 'sent_up_to'],
  gateway_addresses: ['address', 'noted_at'],
  gateway_call_slots: ['next_call_at'],
  claim_pauses: ['resumed_at', 'resumed_by'],
  workers: ['heartbeat_at', 'state'],
};
