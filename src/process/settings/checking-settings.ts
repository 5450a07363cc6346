import { setting } from './setting.ts';
import { count, hours, seconds } from './setting-kinds.ts';

/** Reconciliation with the gateway's book. */
export const reconciliationSettings = {
  graceMs: setting('RECONCILIATION_GRACE_SECONDS', seconds(0, 86_400).default(60_000)),
  timeoutMs: setting('RECONCILIATION_TIMEOUT_SECONDS', seconds(1, 86_400).default(3_600_000)),
  maxLines: setting('RECONCILIATION_MAX_LINES', count(1, 1_000_000_000).default(50_000_000)),
  horizonMs: setting('RECONCILIATION_HORIZON_HOURS', hours(0.000_1, 87_600).default(72 * 3_600_000)),
};

/** The integrity check of our own books. */
export const integritySettings = {
  runMs: setting('INTEGRITY_RUN_SECONDS', seconds(0.1, 600).default(10_000)),
  stepRows: setting('INTEGRITY_STEP_ROWS', count(10, 1_000_000).default(10_000)),
  reviewRows: setting('INTEGRITY_REVIEW_ROWS', count(10, 100_000_000).default(100_000)),
  staleAfterMs: setting('INTEGRITY_STALE_SECONDS', seconds(1, 86_400).default(300_000)),
  pollIntervalMs: setting('INTEGRITY_POLL_SECONDS', seconds(0.05, 60).default(2000)),
};
