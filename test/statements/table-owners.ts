/** Who may write to a table: the files of one folder. Everybody may read. */
export const OWNERS: Readonly<Record<string, string>> = {
  users: 'wallets',
  wallet_transfers: 'wallets',
  payments: 'payments',
  payment_inquiries: 'payments',
  payment_inquiry_answers: 'payments',
  payment_resolutions: 'payments',
  gateway_events: 'payments',
  bulk_redrives: 'dead-letters',
  steady_clock: 'payments',
  database_history: 'payments',

  payment_tasks: 'queue',
  payment_attempts: 'queue',
  payment_dlq: 'dead-letters',
  claim_pauses: 'fleet',
  workers: 'fleet',

  accounts: 'ledger',
  wallet_state_changes: 'ledger',
  ledger_transactions: 'ledger',
  ledger_entries: 'ledger',
  ledger_clock: 'ledger',

  fee_schedule: 'fees',
  fee_changes: 'fees',
  exchange_rates: 'conversions',
  conversion_quotes: 'conversions',

  holds: 'holds',
  order_holds: 'order-holds',
  idempotency_keys: 'idempotency',
  gateway_call_slots: 'gateway',
  gateway_addresses: 'gateway',

  integrity_checkpoint: 'integrity',
  integrity_account_proofs: 'integrity',
  integrity_violations: 'integrity',
  integrity_violation_subjects: 'integrity',

  payment_book_sightings: 'reconciliation',
  reconciliation_book_lines: 'reconciliation',
  reconciliation_differences: 'reconciliation',
  reconciliation_reports: 'reconciliation',
  reconciliation_report_differences: 'reconciliation',

  events: 'events',
  event_retention: 'events',

  retention_clock: 'retention',
};

/** Tables of others that a file writes to all the same, and why. A line that is needed no more has to go. */
export const EXCEPTIONS: readonly {
  readonly file: string;
  readonly tables: string[];
  readonly why: string;
}[] = [
  {
    file: 'src/payments/accept/write-payments.sql.ts',
    tables: ['payment_tasks'],
    why: 'A payment and its task are one statement: it unpacks what it is given once for both.',
  },
  {
    file: 'src/wallets/create-user.sql.ts',
    tables: ['accounts'],
    why: 'A user and the first wallet are made in one statement, for the same reason.',
  },
  {
    file: 'src/dead-letters/redrive-dead-letter.sql.ts',
    tables: ['payment_tasks'],
    why: 'Only the redrive knows that a call under the old reference may have been carried out.',
  },
  {
    file: 'src/ledger/server/rebase-ledger.sql.ts',
    tables: ['integrity_account_proofs', 'integrity_checkpoint', 'workers'],
    why: 'A copy on another server begins anew with everything that counted transaction ids, in one transaction.',
  },
  {
    file: 'src/retention/prune.sql.ts',
    // The names are those of RETAINED_TABLES, each with its own condition.
    tables: [
      '<table>',
      'gateway_events',
      'reconciliation_differences',
      'reconciliation_report_differences',
      'reconciliation_reports',
    ],
    why: 'What may be forgotten is decided in one place, and deleted there.',
  },
];
