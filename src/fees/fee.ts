import type { FeeTerms } from '../money/fee.ts';

/** What a fee is charged for. A conversion has its spread, and a refund gives back what its deposit cost. */
export const FEE_KINDS = ['deposit', 'withdrawal', 'transfer'] as const;
export type FeeKind = (typeof FEE_KINDS)[number];

/** `sender`: it comes on top of what the recipient gets. `recipient`: it is taken out of what the sender gives. */
export const FEE_PAYERS = ['sender', 'recipient'] as const;
export type FeePayer = (typeof FEE_PAYERS)[number];

/** Where a fee comes from: a row of the schedule, or the settings. */
export const FEE_SOURCES = ['schedule', 'default'] as const;

/** Who pays where a row does not say: the wallet, and of two wallets the one that gives. */
export const USUAL_PAYERS: Readonly<Record<FeeKind, FeePayer>> = {
  deposit: 'recipient',
  withdrawal: 'sender',
  transfer: 'sender',
};

/** The terms on which a fee is charged, as a row of the schedule or the settings name them. */
export interface Fee {
  readonly kind: FeeKind;
  /** ISO 4217; null: every currency that no row of its own is valid for. */
  readonly currency: string | null;
  readonly payer: FeePayer;
  readonly terms: FeeTerms;
}

/** A row of the schedule. It says the same for ever; only its end is set, as long as that lies ahead. */
export interface ScheduledFee extends Fee {
  readonly id: bigint;
  readonly validFrom: Date;
  /** The first moment at which it is not valid; null: no end is set. Not after `validFrom`: it was withdrawn before it began. */
  readonly validTo: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly reason: string;
}
