import type { Fee, ScheduledFee } from './fee.ts';

/** `set`: a row was added. `end`: one was given an end. `withdraw`: one that had not begun never will. */
export const FEE_ACTIONS = ['set', 'end', 'withdraw'] as const;
export type FeeAction = (typeof FEE_ACTIONS)[number];

/** Who changes the schedule, and why. */
export interface ChangedBy {
  readonly by: string;
  readonly reason: string;
}

/** A change of the schedule. Either row is null where a less specific one goes, or the default. */
export interface FeeChange extends ChangedBy {
  readonly id: bigint;
  readonly action: FeeAction;
  readonly at: Date;
  /** From then on `after` goes instead of `before`. */
  readonly effectiveAt: Date;
  readonly before: ScheduledFee | null;
  readonly after: ScheduledFee | null;
}

export interface NewFee extends Fee, ChangedBy {
  /** undefined: from now on, by the database's clock. */
  readonly validFrom: Date | undefined;
}

export interface EndOfFee extends ChangedBy {
  readonly id: bigint;
  /** undefined: now, by the database's clock; a row that has not begun is withdrawn. */
  readonly validTo: Date | undefined;
}
