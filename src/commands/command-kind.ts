import type { Pool, Queryable, Transaction } from '../database/database.ts';
import type { KeyedResource, ScopedClaim, StoredResponse, UsedKey } from '../idempotency/used-key.ts';
import type { FailpointName } from '../process/failpoints/failpoint-catalogue.ts';
import type { Funds } from './funds.ts';
import type { Tally } from './tally.ts';

/**
 * A wallet named by its id, or by its owner: then it is locked together with the reads, before its id is known. All commands of a
 * kind name their wallets in the same way. An owner's wallet in a currency is the one without a name, unless a name is given.
 */
export type WalletName =
  | { readonly userId: bigint; readonly currency: string; readonly name?: string }
  | { readonly walletId: bigint };

/** What was read for one command. */
export interface CommandFacts<Facts> {
  readonly usedKey: UsedKey | null;
  /** The wallet whose money the command moves; null if there is none. */
  readonly walletId: bigint | null;
  /** Those that `alsoLocks` names. */
  readonly alsoLockedIds?: readonly bigint[];
  readonly facts: Facts;
}

/** What earlier commands of the batch took. */
export interface Neighbours {
  readonly funds: Funds;
  /** For anything else that a kind counts. */
  readonly tally: Tally;
}

/** The decision about one command. */
export interface CommandDecision<Row, Result> {
  readonly result: Result;
  /** What to write; undefined to write nothing. */
  readonly row?: Row;
  /** What is stored with the command's key, so that the key always has the same result. */
  readonly kept?: { readonly resource: KeyedResource; readonly response: StoredResponse };
}

/**
 * One kind of command: how to read, decide and write it. The executor does everything else: batches, keys, locks, remaining funds, retries,
 * lost commits.
 */
export interface CommandKind<Request, Facts, Row, Result, Prepared = undefined> {
  /** Where tests crash the process (failpoint-catalogue.ts). */
  readonly failpoints: {
    readonly beforeRead?: FailpointName;
    readonly afterRead?: FailpointName;
    readonly beforeCommit: FailpointName;
    readonly afterCommit: FailpointName;
  };
  keyOf(request: Request): ScopedClaim | null;
  /** The wallet that must have enough, which is locked; null if nothing is taken from a wallet. */
  fundsOf(request: Request): WalletName | null;
  /**
   * Further wallets that the command changes: they are locked together with the one that has to have enough, all in the order of
   * their ids, so that two commands that go opposite ways wait for each other.
   */
  alsoLocks?(request: Request): readonly WalletName[];
  /**
   * Set by a kind whose commands are refused for the funds of a wallet although what took those funds may be the very thing that they ask for: it is
   * then read once the wallets are locked, so that it is seen. Such a kind locks no rows of its own, because theirs come before wallets
   * (test/locks/lock-order.ts). Others read first: whoever is second finds that out when it writes its key.
   */
  readonly readsUnderLocks?: true;
  /** Reads what never changes, before the transaction begins. */
  prepare(pool: Pool, requests: readonly Request[]): Promise<Prepared>;
  /**
   * Locks and reads the command's own rows, for each request in order. It is sent together with BEGIN, before any answer, so it must not
   * write. Statements that do not await each other are sent together (`sentTogether`).
   */
  read(
    transaction: Transaction,
    requests: readonly Request[],
    prepared: Prepared,
  ): Promise<readonly CommandFacts<Facts>[]>;
  /** Decides one command on plain data, and takes what it needs from `neighbours`. Otherwise pure. */
  decide(
    request: Request,
    read: { readonly walletId: bigint | null; readonly facts: Facts },
    neighbours: Neighbours,
  ): CommandDecision<Row, Result>;
  /**
   * Writes the decisions, in statements that are sent together.
   * @throws Overtaken if another transaction wrote the same first.
   */
  write(transaction: Transaction, rows: readonly Row[], prepared: Prepared): Promise<void>;
  /**
   * After a lost COMMIT, looks for a row that only this transaction can have written. An id alone proves nothing: after a crash, the server
   * may assign ids again.
   */
  isWritten(queryable: Queryable, row: Row): Promise<boolean>;
}
