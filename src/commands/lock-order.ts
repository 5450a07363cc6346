/**
 * The order in which transactions lock rows: from the top down, and within one kind by id (events and keys in the order of their
 * text). Two transactions that keep to it wait for each other and never end in a deadlock. Whoever locks rows of several kinds says
 * so by pointing here.
 *
 * - What is only ever taken with `skip locked` waits for nobody and may come anywhere: claims, the renewal of leases, rescue, sweeps.
 * - New rows are nobody else's. What can be waited for is a key that another transaction has just written, which is why
 *   keys come after wallets (decision 4), and a dead letter or an inquiry of a payment whose task is locked, which is never.
 * - Where a statement writes many rows that it finds by key, it writes them in the order in which they are named: plans of the hot path
 *   have no other way (see `KEY_LOOKUP_PLANS`). Where two statements of a transaction write rows of one kind, the rows of both are locked
 *   before, in order.
 * - A transaction uses no second connection: a pool whose connections all wait for one another is a deadlock that no server sees.
 */
export const LOCK_ORDER = [
  'gateway_events',
  'payment_tasks',
  'payment_inquiries',
  'payment_dlq',
  'payments',
  'accounts',
  'holds',
  'idempotency_keys',
  'payment_attempts',
  'reconciliation_exceptions',
] as const;
