import type { CommandDecision, CommandKind, Neighbours } from '../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import { Overtaken } from '../commands/overtaken.ts';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import type { IdempotencyClaim, KeyedResource, StoredResponse } from '../idempotency/used-key.ts';
import { insertWallets, isWalletWritten, type NewWallet } from '../ledger/open-wallets.sql.ts';
import { findSystemAccountsOf } from '../ledger/system-accounts.ts';
import { readWalletFacts, type WalletFacts } from './read-wallet-facts.sql.ts';
import type { Wallet } from './wallet.ts';
import { eventOfOpened } from './wallet-events.ts';

export interface OpenWalletRequest {
  readonly userId: bigint;
  readonly currency: string;
  /** Empty for the user's wallet without a name in this currency. */
  readonly name: string;
  readonly idempotency: IdempotencyClaim | null;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}

export type OpenWalletResult =
  | { readonly kind: 'answered'; readonly resource: KeyedResource; readonly response: StoredResponse }
  | { readonly kind: 'user_not_found' };

/** `found`: the user has had it before. `name_taken`: the user has another wallet of this name in this currency. */
export type Opening = 'opened' | 'found' | 'name_taken';

export interface OpenWalletOptions {
  readonly responseTtlMs: number;
  /** Renders a wallet as the answer that the client gets now and at every replay. Pure. */
  readonly renderResponse: (wallet: Wallet, how: Opening) => StoredResponse;
}

interface WalletToOpen extends NewWallet {
  readonly traceparent: string | undefined;
}

export type WalletOpener = Executor<OpenWalletRequest, OpenWalletResult>;

/**
 * Opens empty wallets for users. If a user's wallet without a name already exists in the currency, it is the answer; a name is taken once,
 * also by a wallet that is closed.
 */
export function createWalletOpener(options: OpenWalletOptions & ExecutorOptions): WalletOpener {
  return createExecutor(walletOpening(options), options);
}

export function walletOpening({
  responseTtlMs,
  renderResponse,
}: OpenWalletOptions): CommandKind<OpenWalletRequest, WalletFacts, WalletToOpen, OpenWalletResult> {
  return {
    failpoints: { beforeCommit: 'wallet.before_commit', afterCommit: 'wallet.after_commit' },
    keyOf: ({ userId, idempotency }) => idempotency && { ...idempotency, scope: userId },
    fundsOf: () => null,
    // Open the system accounts of a currency before its first wallet.
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

/** Decides one request; a wallet that an earlier request of the batch opens already counts as existing. */
function decideOpening(
  { userId, currency, name, traceparent }: OpenWalletRequest,
  { hasUser, found, drawn }: WalletFacts,
  { tally, renderResponse }: Pick<Neighbours, 'tally'> & Pick<OpenWalletOptions, 'renderResponse'>,
): CommandDecision<WalletToOpen, OpenWalletResult> {
  if (!hasUser) return { result: { kind: 'user_not_found' } };
  const answerWith = (wallet: Wallet, how: Opening) => {
    const kept = {
      resource: { kind: 'wallet', id: wallet.walletId },
      response: renderResponse(wallet, how),
    } as const;
    return { result: { kind: 'answered' as const, ...kept }, kept };
  };
  const before = name === '' ? 'found' : 'name_taken';
  if (found) return answerWith(found, before);
  if (!drawn) throw new Error(`no id was drawn for a wallet of user ${userId} in ${currency}`);
  const opened: Wallet = { ...drawn, userId, currency, name, state: 'open', postedMinor: 0n, heldMinor: 0n };
  // Ids start at 1, so a tally above 0 under the wallet's name is the id that an earlier request gave it.
  const wallet = `${userId} ${currency} ${name}`;
  const neighbourId = tally.taken(wallet);
  if (neighbourId !== 0n) return answerWith({ ...opened, walletId: neighbourId }, before);
  tally.take(wallet, drawn.walletId);
  return { ...answerWith(opened, 'opened'), row: { ...drawn, userId, currency, name, traceparent } };
}

async function writeWallets(transaction: Transaction, wallets: readonly WalletToOpen[]): Promise<void> {
  if (wallets.length === 0) return;
  const [areAllNew] = await sentTogether([
    insertWallets(transaction, wallets),
    writeEvents(transaction, wallets.map(eventOfOpened)),
  ]);
  if (!areAllNew) throw new Overtaken();
}
