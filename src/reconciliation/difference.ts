export const DIFFERENCE_KINDS = [
  'status_contradiction',
  'amount_mismatch',
  'reference_mismatch',
  'unknown_payment',
  'missing_here',
  'missing_there',
  'duplicate',
  'unreadable_line',
] as const;
/** What differs: the status; the amount, currency or direction; the payment that is spoken of; a payment that one side does not have, or one that was carried out twice; a line of the book whose time cannot be read. */
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export const DIFFERENCE_SOURCES = ['callback', 'attempt', 'inquiry', 'report'] as const;
/** Where the gateway's statement came from. */
export type DifferenceSource = (typeof DIFFERENCE_SOURCES)[number];

/** One side's statement, as JSON, with money as decimal text. */
export type Statement = Readonly<Record<string, string | number | boolean | null>>;

/** A difference between what we have recorded and what the gateway says, before it is written. */
export interface Difference {
  readonly paymentId: bigint | null;
  readonly reference: string | null;
  readonly kind: DifferenceKind;
  readonly source: DifferenceSource;
  readonly ours: Statement | null;
  readonly theirs: Statement | null;
  /**
   * The key by which a later report is recognized as the same difference, whoever reports it: the kind, the reference and the gateway's
   * statement.
   */
  readonly dedupeKey: string;
}
