/** How far each part of the check is. Numbers are text, because JSON has no bigint. */
export interface Positions {
  /** Payments and keys that are new since the last run. */
  readonly newPayments?: { readonly afterId: string; readonly caughtUpAt: string | null };
  readonly newKeys?: { readonly after: string; readonly caughtUpAt: string | null };
  /** The rolling review of everything: each part begins again when it is through. */
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
  readonly orderHolds?: { readonly userId: string; readonly holdId: string } & Passes;
}

/** When the part was last through, ISO 8601; null until then. */
export interface Passes {
  readonly passedAt: string | null;
}

/** The place in the entries, in the order of accounts, and the sum so far of the account it stands in. */
export interface EntriesPosition {
  readonly accountId: string;
  readonly transactionId: string;
  readonly carried: CarriedAccount | null;
}

/** An account with more entries than one step reads: what was summed so far, up to which transaction, and what it must be. */
export interface CarriedAccount {
  readonly accountId: string;
  readonly below: string;
  readonly posted: string;
  readonly expectedPosted: string;
}

/** What the check remembers between its runs. */
export interface Checkpoint {
  /** Entries of transactions below this id are read, and counted in the proofs of their accounts. */
  readonly checkedBelow: bigint;
  /** How many transaction ids one step goes forward; grows and shrinks with what is in them. */
  readonly transactionStep: bigint;
  readonly positions: Positions;
}
