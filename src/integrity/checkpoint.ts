/** The position of each part of the check. Numbers are strings, because JSON has no bigint. */
export interface Positions {
  /** Payments and keys that are new since the last run. */
  readonly newPayments?: { readonly afterId: string; readonly caughtUpAt: string | null };
  readonly newKeys?: { readonly after: string; readonly caughtUpAt: string | null };
  /** The rolling review of everything: each part starts again when it has finished. */
  readonly accounts?: { readonly afterId: string } & Passes;
  readonly entries?: EntriesPosition & Passes;
  readonly history?: { readonly from: string; readonly step: string } & Passes;
  readonly payments?: { readonly afterId: string } & Passes;
  readonly keys?: { readonly scope: string; readonly key: string } & Passes;
  readonly tasks?: { readonly afterId: string } & Passes;
  readonly holds?: {
    readonly userId: string;
    readonly purpose?: string;
    readonly subjectId: string;
  } & Passes;
  readonly conversions?: { readonly afterId: string } & Passes;
  readonly transfers?: { readonly afterId: string } & Passes;
  readonly orderHolds?: { readonly userId: string; readonly holdId: string } & Passes;
}

/** When the part last finished a pass, ISO 8601; null before the first. */
export interface Passes {
  readonly passedAt: string | null;
}

/** The position in the entries, in the order of accounts, and the sum so far of the current account. */
export interface EntriesPosition {
  readonly accountId: string;
  readonly transactionId: string;
  readonly carried: CarriedAccount | null;
}

/** An account with more entries than one step reads: the sum so far, up to which transaction, and the expected sum. */
export interface CarriedAccount {
  readonly accountId: string;
  readonly below: string;
  readonly posted: string;
  readonly expectedPosted: string;
}

/** The state of the check between its runs. */
export interface Checkpoint {
  /** Entries of transactions below this id have been read and are counted in the proofs of their accounts. */
  readonly checkedBelow: bigint;
  /** How many transaction ids one step covers; it adapts to the number of entries in them. */
  readonly transactionStep: bigint;
  readonly positions: Positions;
}
