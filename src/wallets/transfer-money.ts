import type { CommandDecision, CommandKind, Neighbours } from '../commands/command-kind.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import { decideFunds } from '../commands/decide-funds.ts';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { eventAmounts, type NewEvent, newEvent } from '../events/new-event.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { chargeFee, type Unchargeable } from '../fees/charge-fee.ts';
import { chooseFee } from '../fees/choose-fee.ts';
import type { KeyedResource, StoredResponse } from '../idempotency/used-key.ts';
import { decideCredit, type FrozenCredits, type StateRefusal } from '../ledger/decide-wallet-state.ts';
import { postToLedger } from '../ledger/post-to-ledger.ts';
import type { Leg, Posting } from '../ledger/posting.ts';
import { accountsByCurrency, type SystemAccounts } from '../ledger/system-accounts.ts';
import { NO_FEE } from '../money/fee.ts';
import type { Transfer, TransferRequest } from './transfer.ts';
import {
  insertTransfers,
  isTransferWritten,
  readTransferFacts,
  type TransferFacts,
} from './transfers.sql.ts';

/** A decided request, as it is answered. */
export type TransferDecision =
  | { readonly kind: 'transferred'; readonly transfer: Transfer }
  | {
      readonly kind: 'not_funded';
      readonly request: TransferRequest;
      readonly availableMinor: bigint;
      /** The amount, and the fee if the sender pays it. */
      readonly neededMinor: bigint;
    }
  /** One of the wallets lets nothing out, or nothing in. */
  | { readonly kind: 'refused_by_state'; readonly request: TransferRequest; readonly refusal: StateRefusal };

export type TransferResult =
  | { readonly kind: 'answered'; readonly resource: KeyedResource; readonly response: StoredResponse }
  /** Nothing was written, and the key was not used. */
  | Unchargeable;

export interface TransferOptions {
  readonly responseTtlMs: number;
  readonly frozenCredits: FrozenCredits;
  /** Turns a decision into the answer that the client gets now and on every replay. Pure. */
  readonly renderResponse: (decision: TransferDecision) => StoredResponse;
}

export type TransferExecutor = Executor<TransferRequest, TransferResult>;

interface TransferToWrite extends Transfer {
  readonly toUserId: bigint;
  readonly givenMinor: bigint;
  readonly gotMinor: bigint;
  readonly traceparent: string | undefined;
}

/** Moves money between two wallets of one currency, whoever they belong to: nothing leaves the house, so it is final at once. */
export function createTransferExecutor(options: TransferOptions & ExecutorOptions): TransferExecutor {
  return createExecutor(transferring(options), options);
}

export function transferring({
  responseTtlMs,
  ...deciding
}: TransferOptions): CommandKind<TransferRequest, TransferFacts, TransferToWrite, TransferResult> {
  return {
    failpoints: { beforeCommit: 'transfer.before_commit', afterCommit: 'transfer.after_commit' },
    keyOf: ({ from, idempotency }) => idempotency && { ...idempotency, scope: from.userId },
    fundsOf: ({ from }) => ({ walletId: from.walletId }),
    alsoLocks: ({ to }) => [{ walletId: to.walletId }],
    prepare: async () => undefined,
    read: (transaction, requests) => readTransferFacts(transaction, requests, { responseTtlMs }),
    decide: (request, { facts }, { funds }) => decideTransfer(request, facts, { funds, ...deciding }),
    write: writeTransfers,
    isWritten: isTransferWritten,
  };
}

/** What is held is not there to be given; what a neighbour in the batch has brought is. */
function decideTransfer(
  request: TransferRequest,
  { fees, ...name }: TransferFacts,
  {
    funds,
    frozenCredits,
    renderResponse,
  }: Pick<Neighbours, 'funds'> & Pick<TransferOptions, 'frozenCredits' | 'renderResponse'>,
): CommandDecision<TransferToWrite, TransferResult> {
  const { from, to, amountMinor, currency } = request;
  // Without a row in the schedule a transfer costs nothing.
  const fee = chooseFee(fees, { kind: 'transfer', currency }, NO_FEE.percent);
  const charge = chargeFee(fee, amountMinor);
  if (charge.kind !== 'charged') return { result: charge };
  const { feeMinor, senderGivesMinor: givenMinor, recipientGetsMinor: gotMinor } = charge;
  const refuse = (decision: TransferDecision) => {
    // There is no transfer: the key is about the wallet that was to give.
    const kept = {
      resource: { kind: 'wallet', id: from.walletId },
      response: renderResponse(decision),
    } as const;
    return { result: { kind: 'answered' as const, ...kept }, kept };
  };
  const refusal = decideCredit(
    { walletId: to.walletId, state: funds.stateOf(to.walletId) },
    { frozenCredits },
  );
  if (refusal) return refuse({ kind: 'refused_by_state', request, refusal });
  const taken = decideFunds(funds, { walletId: from.walletId, neededMinor: givenMinor });
  if (taken.kind === 'insufficient_funds') {
    const { availableMinor, neededMinor } = taken;
    return refuse({ kind: 'not_funded', request, availableMinor, neededMinor });
  }
  if (taken.kind !== 'taken') return refuse({ kind: 'refused_by_state', request, refusal: taken });
  funds.put(to.walletId, gotMinor);
  const transfer: Transfer = {
    ...name,
    userId: from.userId,
    fromWalletId: from.walletId,
    toWalletId: to.walletId,
    amountMinor,
    feeMinor,
    feePayer: fee.payer,
    currency,
  };
  const kept = {
    resource: { kind: 'transfer', id: name.transferId },
    response: renderResponse({ kind: 'transferred', transfer }),
  } as const;
  const { traceparent } = request;
  const row = { ...transfer, toUserId: to.userId, givenMinor, gotMinor, traceparent };
  return { result: { kind: 'answered', ...kept }, kept, row };
}

async function writeTransfers(
  transaction: Transaction,
  transfers: readonly TransferToWrite[],
): Promise<void> {
  if (transfers.length === 0) return;
  const charged = transfers.filter(({ feeMinor }) => feeMinor > 0n).map(({ currency }) => currency);
  // Known to this process after the first, so this sends nothing.
  const accountsOf = await accountsByCurrency(transaction, charged);
  await sentTogether([
    insertTransfers(transaction, transfers),
    postToLedger(
      transaction,
      transfers.map((transfer) => transferPosting(transfer, accountsOf)),
    ),
    writeEvents(transaction, transfers.map(eventOfTransfer)),
  ]);
}

function eventOfTransfer(transfer: TransferToWrite): NewEvent {
  const { transferId, userId, toUserId, fromWalletId, toWalletId, traceparent, currency } = transfer;
  return newEvent(
    'tollgate.transfer.completed.v1',
    { id: transferId, traceparent },
    {
      transfer_id: Number(transferId),
      from_wallet_id: Number(fromWalletId),
      from_user_id: Number(userId),
      to_wallet_id: Number(toWalletId),
      to_user_id: Number(toUserId),
      ...eventAmounts({ amount: transfer.amountMinor, commission: transfer.feeMinor }, currency),
      fee_payer: transfer.feePayer,
      currency,
    },
  );
}

/** One ledger transaction, whose legs sum to zero in the currency of both wallets; the third is the fee, if there is one. */
export function transferPosting(
  transfer: TransferToWrite,
  accountsOf: (currency: string) => Pick<SystemAccounts, 'fee'>,
): Posting {
  const { transferId, userId, toUserId, fromWalletId, toWalletId, currency } = transfer;
  const { givenMinor, gotMinor, feeMinor } = transfer;
  const legs: Leg[] = [
    { accountId: fromWalletId, balance: 'kept', amountMinor: -givenMinor, currency },
    { accountId: toWalletId, balance: 'kept', amountMinor: gotMinor, currency, userId: toUserId },
  ];
  if (feeMinor > 0n)
    legs.push({ accountId: accountsOf(currency).fee, balance: 'folded', amountMinor: feeMinor, currency });
  return { reference: `transfer:${transferId}`, step: 'post', userId, legs };
}
