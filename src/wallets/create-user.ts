import type { CommandKind } from '../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { type IdempotencyClaim, KEY_SCOPES, type StoredResponse } from '../idempotency/used-key.ts';
import { postToLedger } from '../ledger/post-to-ledger.ts';
import { findSystemAccountsOf, type SystemAccounts } from '../ledger/system-accounts.ts';
import type { Money } from '../money/money.ts';
import {
  insertUsers,
  isUserWritten,
  type NewUser,
  readUserFacts,
  type UserFacts,
} from './create-user.sql.ts';
import { openingPosting } from './opening-posting.ts';
import type { User } from './user.ts';

export interface CreateUserRequest {
  /** The opening balance and currency of the wallet. */
  readonly opening: Money;
  readonly idempotency: IdempotencyClaim | null;
}

/** The id of the new user, and the answer that is stored with the key. */
export interface CreatedUser {
  readonly userId: bigint;
  readonly response: StoredResponse;
}

export interface CreateUserOptions {
  readonly responseTtlMs: number;
  /** Renders a new user as the answer that the client gets now and at every replay. Pure. */
  readonly renderResponse: (user: User) => StoredResponse;
}

export type UserCreator = Executor<CreateUserRequest, CreatedUser>;

/** Creates users, each with a wallet and an opening balance, which comes from equity. */
export function createUserCreator(options: CreateUserOptions & ExecutorOptions): UserCreator {
  return createExecutor(userCreation(options), options);
}

function userCreation({
  responseTtlMs,
  renderResponse,
}: CreateUserOptions): CommandKind<
  CreateUserRequest,
  UserFacts,
  NewUser,
  CreatedUser,
  ReadonlyMap<string, SystemAccounts>
> {
  return {
    failpoints: { beforeCommit: 'user.before_commit', afterCommit: 'user.after_commit' },
    keyOf: ({ idempotency }) => idempotency && { ...idempotency, scope: KEY_SCOPES.newUsers },
    fundsOf: () => null,
    prepare: (pool, requests) =>
      findSystemAccountsOf(
        pool,
        requests.map(({ opening }) => opening.currency),
      ),
    read: (transaction, requests) => readUserFacts(transaction, requests, { responseTtlMs }),
    decide({ opening }, { facts }) {
      const { userId } = facts;
      const response = renderResponse({
        userId,
        currency: opening.currency,
        postedMinor: opening.amountMinor,
        heldMinor: 0n,
        pendingInMinor: 0n,
        createdAt: facts.createdAt,
      });
      return {
        result: { userId, response },
        row: { ...facts, opening },
        kept: { resource: { kind: 'user', id: userId }, response },
      };
    },
    write: writeUsers,
    isWritten: isUserWritten,
  };
}

async function writeUsers(
  transaction: Transaction,
  users: readonly NewUser[],
  accounts: ReadonlyMap<string, SystemAccounts>,
): Promise<void> {
  const withMoney = users.filter(({ opening }) => opening.amountMinor > 0n);
  await sentTogether([
    insertUsers(transaction, users),
    postToLedger(
      transaction,
      withMoney.map(({ opening, ...user }) =>
        openingPosting({ ...user, ...opening }, accounts.get(opening.currency) as SystemAccounts),
      ),
    ),
  ]);
}
