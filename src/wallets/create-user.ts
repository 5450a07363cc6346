import type { CommandDecision, CommandKind, Neighbours } from '../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import { Overtaken } from '../commands/overtaken.ts';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { writeEvents } from '../events/write-events.sql.ts';
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
  type UserToCreate,
} from './create-user.sql.ts';
import { openingPosting } from './opening-posting.ts';
import { type UserName, writeUserName } from './user-name.ts';
import type { UserWallet } from './user-wallet.ts';
import { eventOfOpened } from './wallet-events.ts';

export interface CreateUserRequest {
  /** The opening balance and currency of the wallet. */
  readonly opening: Money;
  /** What the client calls the user, who is created once under this name; null creates a user without a name each time. */
  readonly name: UserName | null;
  readonly idempotency: IdempotencyClaim | null;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
  /** Renders the user as the answer that the client gets now and at every replay. Pure. */
  readonly renderResponse: RenderUser;
}

export type RenderUser = (wallet: UserWallet, how: 'created' | 'found') => StoredResponse;

/** The id of the user, and the answer that is stored with the key. */
export type CreatedUser =
  | { readonly kind: 'answered'; readonly userId: bigint; readonly response: StoredResponse }
  /** The user exists, and has no wallet in the currency of the request. */
  | { readonly kind: 'wallet_not_found'; readonly userId: bigint };

export type UserCreator = Executor<CreateUserRequest, CreatedUser>;

/** Creates users, each with a wallet and an opening balance, which comes from equity. A user who is named and exists is the answer. */
export function createUserCreator(
  options: { readonly responseTtlMs: number } & ExecutorOptions,
): UserCreator {
  return createExecutor(userCreation(options), options);
}

function userCreation({
  responseTtlMs,
}: {
  readonly responseTtlMs: number;
}): CommandKind<CreateUserRequest, UserFacts, NewUser, CreatedUser, ReadonlyMap<string, SystemAccounts>> {
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
    decide: (request, { facts }, { tally }) => decideCreation(request, facts, tally),
    write: writeUsers,
    isWritten: isUserWritten,
  };
}

/** Decides one request; a user whom an earlier request of the batch creates already counts as existing. */
function decideCreation(
  request: CreateUserRequest,
  facts: UserFacts,
  tally: Neighbours['tally'],
): CommandDecision<NewUser, CreatedUser> {
  const { opening, name } = request;
  if (facts.kind === 'answered') throw new Error('a key without an answer was taken for one with an answer');
  if (facts.kind === 'found')
    return facts.wallet
      ? answerWith(request, facts.wallet, 'found')
      : { result: { kind: 'wallet_not_found', userId: facts.userId } };
  const neighbour = name && (tally.noted(writeUserName(name)) as UserWallet | undefined);
  if (neighbour)
    return neighbour.currency === opening.currency
      ? answerWith(request, neighbour, 'found')
      : { result: { kind: 'wallet_not_found', userId: neighbour.userId } };
  const wallet = openedBy(facts.user, opening);
  if (name) tally.note(writeUserName(name), wallet);
  return {
    ...answerWith(request, wallet, 'created'),
    row: { ...facts.user, opening, traceparent: request.traceparent },
  };
}

/** The wallet of a new user: its opening is posted in the moment in which it is opened. */
function openedBy(user: UserToCreate, opening: Money): UserWallet {
  return { ...user, currency: opening.currency, postedMinor: opening.amountMinor, updatedAt: user.createdAt };
}

function answerWith({ renderResponse }: CreateUserRequest, wallet: UserWallet, how: 'created' | 'found') {
  const { userId } = wallet;
  const response = renderResponse(wallet, how);
  return {
    result: { kind: 'answered' as const, userId, response },
    kept: { resource: { kind: 'user' as const, id: userId }, response },
  };
}

async function writeUsers(
  transaction: Transaction,
  users: readonly NewUser[],
  accounts: ReadonlyMap<string, SystemAccounts>,
): Promise<void> {
  if (users.length === 0) return;
  // One of them was drawn as the number that another one was given.
  if (new Set(users.map(({ userId }) => userId)).size < users.length) throw new Overtaken();
  const withMoney = users.filter(({ opening }) => opening.amountMinor > 0n);
  await sentTogether([
    insertUsers(transaction, users).then((areAllWritten) => {
      if (!areAllWritten) throw new Overtaken();
    }),
    postToLedger(
      transaction,
      withMoney.map(({ opening, ...user }) =>
        openingPosting({ ...user, ...opening }, accounts.get(opening.currency) as SystemAccounts),
      ),
    ),
    writeEvents(
      transaction,
      users.map(({ opening, ...user }) => eventOfOpened({ ...user, currency: opening.currency, name: '' })),
    ),
  ]);
}
