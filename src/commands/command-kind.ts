import type { Pool, Queryable, Transaction } from '../database/database.ts';
import type { KeyedResource, ScopedClaim, StoredResponse, UsedKey } from '../idempotency/used-key.ts';
import type { FailpointName } from '../process/failpoints/failpoint-catalogue.ts';
import type { Funds } from './funds.ts';
import type { Tally } from './tally.ts';

/** A wallet, named by whose it is: it is locked together with what is read, before its id is known. */
export interface WalletName {
  readonly userId: bigint;
  readonly currency: string;
}

/** What was read for one command. */
export interface CommandFacts<Facts> {
  readonly usedKey: UsedKey | null;
  /** The wallet that the command moves money of; null when there is none. */
  readonly walletId: bigint | null;
  readonly facts: Facts;
}

/** What the commands before this one in its batch took. */
export interface Neighbours {
  readonly funds: Funds;
  /** For whatever else a kind counts. */
  readonly tally: Tally;
}

/** What becomes of one command. */
export interface CommandDecision<Row, Result> {
  readonly result: Result;
  /** What is to be written; without it nothing is. */
  readonly row?: Row;
  /** What is kept with the command's key, so that the key never leads to anything else. */
  readonly kept?: { readonly resource: KeyedResource; readonly response: StoredResponse };
}

/**
 * One kind of command: how to read, decide and write it. Everything else is the executor's: batches, keys, locks, what wallets
 * have left, retries, lost commits.
 */
export interface CommandKind<Request, Facts, Row, Result, Prepared = undefined> {
  /** Where tests make a process crash (failpoint-catalogue.ts). */
  readonly failpoints: {
    readonly beforeRead?: FailpointName;
    readonly afterRead?: FailpointName;
    readonly beforeCommit: FailpointName;
    readonly afterCommit: FailpointName;
  };
  keyOf(request: Request): ScopedClaim | null;
  /** The wallet that has to have enough, which is locked; null when nothing is taken from one. */
  fundsOf(request: Request): WalletName | null;
  /** Reads what never changes, before the transaction begins. */
  prepare(pool: Pool, requests: readonly Request[]): Promise<Prepared>;
  /**
   * Locks the command's own rows and reads them, for each request in order. It is sent together with BEGIN and before any
   * answer, so it must not write; statements that do not wait for each other travel together (`sentTogether`).
   */
  read(
    transaction: Transaction,
    requests: readonly Request[],
    prepared: Prepared,
  ): Promise<readonly CommandFacts<Facts>[]>;
  /** Decides one command on plain data, and takes what it needs from `neighbours`. Pure otherwise. */
  decide(
    request: Request,
    read: { readonly walletId: bigint | null; readonly facts: Facts },
    neighbours: Neighbours,
  ): CommandDecision<Row, Result>;
  /**
   * Writes what was decided, in statements that are sent together.
   * @throws Overtaken when another transaction wrote the same first.
   */
  write(transaction: Transaction, rows: readonly Row[], prepared: Prepared): Promise<void>;
  /**
   * Looks for what only this transaction can have written, after a lost COMMIT: ids that were drawn before a crash of the
   * server may be drawn again after it.
   */
  isWritten(queryable: Queryable, row: Row): Promise<boolean>;
}
