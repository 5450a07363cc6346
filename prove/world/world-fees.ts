/** What deposits and withdrawals cost in percent where the schedule of fees says nothing. */
export const DEFAULT_PERCENT = '2';

export type FeePayer = 'sender' | 'recipient';

/** A row of the schedule of fees. */
export interface FeeRow {
  readonly id: bigint;
  readonly kind: 'deposit' | 'withdrawal' | 'transfer';
  /** null: every currency without a valid row of its own. */
  readonly currency: string | null;
  readonly payer: FeePayer;
  /** In ten-thousandths of a percent. */
  readonly share: bigint;
  readonly fixedMinor: bigint;
  readonly leastMinor: bigint | null;
  readonly mostMinor: bigint | null;
  readonly validFrom: Date;
  /** null: nobody has ended it. */
  readonly validTo: Date | null;
  /** When others could see that it was set and ended; null if the server no longer knows it, or it did not happen. */
  readonly setAt: Date | null;
  readonly endedAt: Date | null;
}
