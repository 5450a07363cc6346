/**
 * The order in which transactions lock rows: from the top down, and within one kind by id (events and keys in the order of their text).
 * Transactions that keep to it may wait for each other, but never deadlock. Code that locks rows of several kinds refers to this file.
 *
 * - Locks that are only ever taken with `skip locked` never wait, so they may come anywhere: claims, lease renewals, rescue, sweeps.
 * - Nobody else can hold new rows. An insert can wait only for a key that another transaction has just written, which is why keys come
 * after wallets (decision 4), and for a dead letter or inquiry of a payment whose task is locked, which never happens.
 * - A statement that writes many rows by key writes them in the order in which they are named: hot-path plans cannot do otherwise (see
 * `INDEX_PLANS`). If two statements of a transaction write rows of one kind, the rows of both are locked beforehand, in order.
 * - A transaction never uses a second connection: if all connections of a pool wait for each other, that is a deadlock that the server
 * cannot detect.
 */
export const LOCK_ORDER = [
  'gateway_events',
  'payment_tasks',
  'payment_inquiries',
  'payment_dlq',
  'payments',
  'order_holds',
  'conversion_quotes',
  'accounts',
  'holds',
  'idempotency_keys',
  'payment_attempts',
  'reconciliation_differences',
] as const;
