/** Tables whose old rows are pruned, by the name in the setting; each has its own retention. */
export const RETAINED_TABLES = {
  attempts: 'payment_attempts',
  inquiryAnswers: 'payment_inquiry_answers',
  callbacks: 'gateway_events',
  reports: 'reconciliation_reports',
  differences: 'reconciliation_differences',
  bulkRedrives: 'bulk_redrives',
  claimPauses: 'claim_pauses',
  violations: 'integrity_violations',
  events: 'events',
} as const;

export type Retained = keyof typeof RETAINED_TABLES;

/** How long rows are kept after their subject has ended, in milliseconds; 0 keeps them forever. */
export type Retention = Readonly<Record<Retained, number>>;
