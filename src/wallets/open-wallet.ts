import type { CommandDecision, CommandKind, Neighbours } from '../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import { Overtaken } from '../commands/overtaken.ts';
import type { Transaction } from '../database/database.ts';
import type { IdempotencyClaim, KeyedResource, StoredResponse } from '../idempotency/used-key.ts';
import { insertWallets, isWalletWritten, type NewWallet } from '../ledger/open-wallets.sql.ts';
import { findSystemAccountsOf } from '../ledger/system-accounts.ts';
import { readWalletFacts, type WalletFacts } from './read-wallet-facts.sql.ts';
import type { Wallet } from './wallet.ts';

export interface OpenWalletRequest {
  readonly userId: bigint;
  readonly currency: string;
  readonly idempotency: IdempotencyClaim | null;
}

export type OpenWalletResult =
  | { readonly kind: 'answered'; readonly resource: KeyedResource; readonly response: StoredResponse }
  | { readonly kind: 'user_not_found' };

export interface OpenWalletOptions {
  readonly responseTtlMs: number;
  /** Turns a wallet into the answer that the client gets now and on every replay. Pure. */
  readonly renderResponse: (wallet: Wallet, how: 'opened' | 'found') => StoredResponse;
}

export type WalletOpener = Executor<OpenWalletRequest, OpenWalletResult>;

/** Opens wallets of users in further currencies, with nothing in them. One that is there already is the answer, too. */
export function createWalletOpener(options: OpenWalletOptions & ExecutorOptions): WalletOpener {
  return createExecutor(walletOpening(options), options);
}

export function walletOpening({
  responseTtlMs,
  renderResponse,
}: OpenWalletOptions): CommandKind<OpenWalletRequest, WalletFacts, NewWallet, OpenWalletResult> {
  return {
    failpoints: { beforeCommit: 'wallet.before_commit', afterCommit: 'wallet.after_commit' },
    keyOf: ({ userId, idempotency }) => idempotency && { ...idempotency, scope: userId },
    fundsOf: () => null,
    // No wallet is opened before the system accounts of its currency.
    async prepare(pool, requests) {
      await findSystemAccountsOf(
        pool,
        requests.map(({ currency }) => currency),
      );
      return undefined;
    },
    read: (transaction, requests) => readWalletFacts(transaction, requests, { responseTtlMs }),
    decide: (request, { facts }, { tally }) => decideOpening(request, facts, { tally, renderResponse }),
    write: writeWallets,
    isWritten: isWalletWritten,
  };
}

/** Decides about one request; a wallet that one before it in its batch opens is there for it. */
function decideOpening(
  { userId, currency }: OpenWalletRequest,
  { hasUser, found, name }: WalletFacts,
  { tally, renderResponse }: Pick<Neighbours, 'tally'> & Pick<OpenWalletOptions, 'renderResponse'>,
): CommandDecision<NewWallet, OpenWalletResult> {
  if (!hasUser) return { result: { kind: 'user_not_found' } };
  const answerWith = (wallet: Wallet, how: 'opened' | 'found') => {
    const kept = {
      resource: { kind: 'wallet', id: wallet.walletId },
      response: renderResponse(wallet, how),
    } as const;
    return { result: { kind: 'answered' as const, ...kept }, kept };
  };
  if (found) return answerWith(found, 'found');
  if (!name) throw new Error(`no id was drawn for a wallet of user ${userId} in ${currency}`);
  const opened = { ...name, userId, currency, postedMinor: 0n, heldMinor: 0n };
  // Ids are counted from 1, so what was taken under the name of the wallet is the id of a neighbour's.
  const wallet = `${userId} ${currency}`;
  const neighbourId = tally.taken(wallet);
  if (neighbourId !== 0n) return answerWith({ ...opened, walletId: neighbourId }, 'found');
  tally.take(wallet, name.walletId);
  return { ...answerWith(opened, 'opened'), row: { ...name, userId, currency } };
}

async function writeWallets(transaction: Transaction, wallets: readonly NewWallet[]): Promise<void> {
  if (wallets.length === 0) return;
  if (!(await insertWallets(transaction, wallets))) throw new Overtaken();
}
