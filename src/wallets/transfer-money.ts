import type { CommandDecision, CommandKind, Neighbours } from '../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import { decideFunds } from '../commands/decide-funds.ts';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import type { KeyedResource, StoredResponse } from '../idempotency/used-key.ts';
import { postToLedger } from '../ledger/post-to-ledger.ts';
import type { Posting } from '../ledger/posting.ts';
import type { Transfer, TransferRequest } from './transfer.ts';
import { insertTransfers, isTransferWritten, readTransferFacts, type TransferName } from './transfers.sql.ts';

/** A decided request, as it is answered. */
export type TransferDecision =
  | { readonly kind: 'transferred'; readonly transfer: Transfer }
  | {
      readonly kind: 'not_funded';
      readonly request: TransferRequest;
      readonly availableMinor: bigint;
    };

export interface TransferResult {
  readonly resource: KeyedResource;
  readonly response: StoredResponse;
}

export interface TransferOptions {
  readonly responseTtlMs: number;
  /** Turns a decision into the answer that the client gets now and on every replay. Pure. */
  readonly renderResponse: (decision: TransferDecision) => StoredResponse;
}

export type TransferExecutor = Executor<TransferRequest, TransferResult>;

interface TransferToWrite extends Transfer {
  readonly toUserId: bigint;
}

/** Moves money between two wallets of one currency, whoever they belong to: nothing leaves the house, so it is final at once. */
export function createTransferExecutor(options: TransferOptions & ExecutorOptions): TransferExecutor {
  return createExecutor(transferring(options), options);
}

export function transferring({
  responseTtlMs,
  renderResponse,
}: TransferOptions): CommandKind<TransferRequest, TransferName, TransferToWrite, TransferResult> {
  return {
    failpoints: { beforeCommit: 'transfer.before_commit', afterCommit: 'transfer.after_commit' },
    keyOf: ({ from, idempotency }) => idempotency && { ...idempotency, scope: from.userId },
    fundsOf: ({ from }) => ({ walletId: from.walletId }),
    alsoLocks: ({ to }) => [{ walletId: to.walletId }],
    prepare: async () => undefined,
    read: (transaction, requests) => readTransferFacts(transaction, requests, { responseTtlMs }),
    decide: (request, { facts }, { funds }) => decideTransfer(request, facts, { funds, renderResponse }),
    write: writeTransfers,
    isWritten: isTransferWritten,
  };
}

/** What is held is not there to be given; what a neighbour in the batch has brought is. */
function decideTransfer(
  request: TransferRequest,
  name: TransferName,
  { funds, renderResponse }: Pick<Neighbours, 'funds'> & Pick<TransferOptions, 'renderResponse'>,
): CommandDecision<TransferToWrite, TransferResult> {
  const { from, to, amountMinor, currency } = request;
  const taken = decideFunds(funds, { walletId: from.walletId, neededMinor: amountMinor });
  if (taken.kind === 'insufficient_funds') {
    const { availableMinor } = taken;
    const kept = {
      // There is no transfer: the key is about the wallet that was to give.
      resource: { kind: 'wallet', id: from.walletId },
      response: renderResponse({ kind: 'not_funded', request, availableMinor }),
    } as const;
    return { result: kept, kept };
  }
  funds.put(to.walletId, amountMinor);
  const transfer: Transfer = {
    ...name,
    userId: from.userId,
    fromWalletId: from.walletId,
    toWalletId: to.walletId,
    amountMinor,
    currency,
  };
  const kept = {
    resource: { kind: 'transfer', id: name.transferId },
    response: renderResponse({ kind: 'transferred', transfer }),
  } as const;
  return { result: kept, kept, row: { ...transfer, toUserId: to.userId } };
}

async function writeTransfers(
  transaction: Transaction,
  transfers: readonly TransferToWrite[],
): Promise<void> {
  if (transfers.length === 0) return;
  await sentTogether([
    insertTransfers(transaction, transfers),
    postToLedger(transaction, transfers.map(transferPosting)),
  ]);
}

/** One ledger transaction of two legs, which sum to zero in the currency of both wallets. */
export function transferPosting(transfer: TransferToWrite): Posting {
  const { transferId, userId, toUserId, fromWalletId, toWalletId, amountMinor, currency } = transfer;
  return {
    reference: `transfer:${transferId}`,
    step: 'post',
    userId,
    legs: [
      { accountId: fromWalletId, balance: 'kept', amountMinor: -amountMinor, currency },
      { accountId: toWalletId, balance: 'kept', amountMinor, currency, userId: toUserId },
    ],
  };
}
