import type { CommandKind } from '../commands/command-kind.ts';
import type { CommandOutcome } from '../commands/command-outcome.ts';
import { createExecutor, type Executor, type ExecutorOptions } from '../commands/create-executor.ts';
import { Overtaken } from '../commands/overtaken.ts';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { placeHolds } from '../holds/place-holds.ts';
import type { StoredResponse } from '../idempotency/used-key.ts';
import {
  decideHoldForOrder,
  type HoldFacts,
  type HoldForOrderDecision,
  type HoldForOrderRequest,
  type HoldForOrderResult,
  type NewOrderHold,
} from './decide-hold-for-order.ts';
import { insertOrderHolds, isOrderHoldWritten } from './insert-order-holds.sql.ts';
import { reservationOf } from './order-hold.ts';
import { eventOfPlaced } from './order-hold-events.ts';
import { readHoldFacts } from './read-hold-facts.sql.ts';

export interface HoldForOrderOptions {
  readonly responseTtlMs: number;
  /** Turns a decision into the answer that the client gets now and on every replay. Pure. */
  readonly renderResponse: (decision: HoldForOrderDecision) => StoredResponse;
}

export type OrderHolder = Executor<HoldForOrderRequest, HoldForOrderResult>;
export type HoldForOrderOutcome = CommandOutcome<HoldForOrderResult>;

/**
 * Holds money of wallets for orders. An order is held once: the same request again gets the existing hold. A crash before COMMIT leaves nothing;
 * after it, the same request gets the hold.
 */
export function createOrderHolder(options: HoldForOrderOptions & ExecutorOptions): OrderHolder {
  return createExecutor(holdingForOrders(options), options);
}

function holdingForOrders({
  responseTtlMs,
  renderResponse,
}: HoldForOrderOptions): CommandKind<HoldForOrderRequest, HoldFacts, NewOrderHold, HoldForOrderResult> {
  return {
    failpoints: { beforeCommit: 'hold.before_commit', afterCommit: 'hold.after_commit' },
    keyOf: ({ userId, idempotency }) => idempotency && { ...idempotency, scope: userId },
    fundsOf: ({ userId, currency, wallet }) => ({ userId, currency, name: wallet?.name ?? '' }),
    // What is not available any more may be held for this very order, by a request that was a moment earlier.
    readsUnderLocks: true,
    prepare: async () => undefined,
    read: (transaction, requests) => readHoldFacts(transaction, requests, { responseTtlMs }),
    decide: (request, read, neighbours) =>
      decideHoldForOrder(request, read, { ...neighbours, renderResponse }),
    write: writeOrderHolds,
    isWritten: isOrderHoldWritten,
  };
}

async function writeOrderHolds(transaction: Transaction, holds: readonly NewOrderHold[]): Promise<void> {
  if (holds.length === 0) return;
  const [isNew] = await sentTogether([
    insertOrderHolds(transaction, holds),
    placeHolds(transaction, holds.map(reservationOf)),
    writeEvents(
      transaction,
      holds.map((hold) => eventOfPlaced(hold, hold.traceparent)),
    ),
  ]);
  if (!isNew) throw new Overtaken();
}
