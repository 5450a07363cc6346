import { strict as assert } from 'node:assert';
import type { CommandDecision, Neighbours } from '../commands/command-kind.ts';
import { decideFunds } from '../commands/decide-funds.ts';
import type { NamedWallet } from '../commands/named-wallet.ts';
import type { IdempotencyClaim, KeyedResource, StoredResponse } from '../idempotency/used-key.ts';
import type { StateRefusal } from '../ledger/decide-wallet-state.ts';
import type { Money } from '../money/money.ts';
import type { OrderHold, OrderName } from './order-hold.ts';

/** One validated request to hold an amount for an order. */
export interface HoldForOrderRequest extends OrderName, Money {
  /** How long to hold it, unless it is captured or released sooner. */
  readonly expiresInMs: number;
  /** The wallet, if the request names it; without it, the user's wallet without a name in the currency. */
  readonly wallet?: NamedWallet | undefined;
  /** Where it was asked for, which a refusal names. */
  readonly path: string;
  readonly idempotency: IdempotencyClaim | null;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}

export interface NewOrderHold extends OrderHold {
  /** Of the request, for the event. */
  readonly traceparent: string | undefined;
}

/** What the database knew about one request when its batch was read. */
export interface HoldFacts {
  readonly hasUser: boolean;
  /** The hold that the user already has for this order, whatever became of it. */
  readonly found: OrderHold | null;
  /** The id of the hold if it is written; null if it is already known that it will not be. */
  readonly holdId: bigint | null;
  /** By the clock of the database. */
  readonly now: Date;
}

/** What became of one request: the input of the response that is stored. `at`: when, by the clock of the database. */
export type HoldForOrderDecision =
  | { readonly kind: 'placed' | 'found'; readonly hold: OrderHold; readonly at: Date }
  /** Another amount, or in another currency or wallet, was held for this order. */
  | {
      readonly kind: 'order_held_differently';
      readonly hold: OrderHold;
      readonly request: HoldForOrderRequest;
      readonly at: Date;
    }
  | {
      readonly kind: 'hold_not_funded';
      readonly request: HoldForOrderRequest;
      readonly availableMinor: bigint;
    }
  /** The wallet lets nothing be reserved. */
  | (StateRefusal & { readonly request: HoldForOrderRequest });

export type HoldForOrderResult =
  | {
      readonly kind: 'answered';
      readonly decided: HoldForOrderDecision['kind'];
      readonly response: StoredResponse;
    }
  | { readonly kind: 'user_not_found' }
  | { readonly kind: 'wallet_not_found' };

/**
 * Decides one request, given what earlier requests of its batch have taken and held. Pure, except that it takes funds. A request for more than
 * the wallet has available leaves no hold, so the order can be held later, with another key.
 */
export function decideHoldForOrder(
  request: HoldForOrderRequest,
  { walletId, facts }: { readonly walletId: bigint | null; readonly facts: HoldFacts },
  {
    funds,
    tally,
    renderResponse,
  }: Neighbours & { readonly renderResponse: (decision: HoldForOrderDecision) => StoredResponse },
): CommandDecision<NewOrderHold, HoldForOrderResult> {
  const { userId, orderId, amountMinor, currency, expiresInMs } = request;
  const answerWith = (decision: HoldForOrderDecision, resource: KeyedResource) => {
    const response = renderResponse(decision);
    return {
      result: { kind: 'answered' as const, decided: decision.kind, response },
      kept: { resource, response },
    };
  };
  const resourceOf = ({ holdId }: OrderHold) => ({ kind: 'order_hold' as const, id: holdId });

  if (!facts.hasUser) return { result: { kind: 'user_not_found' } };
  if (walletId === null) return { result: { kind: 'wallet_not_found' } };
  const { now: at } = facts;
  const order = `order ${userId} ${orderId}`;
  const found = facts.found ?? (tally.noted(order) as OrderHold | undefined);
  if (found) {
    const isSame = found.amountMinor === amountMinor && found.walletId === walletId;
    const decision = isSame
      ? { kind: 'found' as const, hold: found, at }
      : { kind: 'order_held_differently' as const, hold: found, request, at };
    return answerWith(decision, resourceOf(found));
  }
  const taken = decideFunds(funds, { walletId, neededMinor: amountMinor });
  if (taken.kind === 'insufficient_funds') {
    const { availableMinor } = taken;
    return answerWith({ kind: 'hold_not_funded', request, availableMinor }, { kind: 'user', id: userId });
  }
  if (taken.kind !== 'taken')
    return answerWith({ ...taken, request }, { kind: 'wallet', id: taken.walletId });
  assert(facts.holdId !== null, `no id was drawn for the hold of order ${orderId} of user ${userId}`);
  const hold: OrderHold = {
    holdId: facts.holdId,
    userId,
    orderId,
    walletId,
    amountMinor,
    currency,
    capturedMinor: 0n,
    releasedMinor: 0n,
    captureCount: 0,
    status: 'open',
    createdAt: at,
    expiresAt: new Date(at.getTime() + expiresInMs),
    resolvedAt: null,
  };
  tally.note(order, hold);
  return {
    ...answerWith({ kind: 'placed', hold, at }, resourceOf(hold)),
    row: { ...hold, traceparent: request.traceparent },
  };
}
