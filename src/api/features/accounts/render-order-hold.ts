import type { StoredResponse } from '../../../idempotency/used-key.ts';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type {
  HoldForOrderDecision,
  HoldForOrderRequest,
} from '../../../order-holds/decide-hold-for-order.ts';
import type { ResolutionDecision, ResolveRequest } from '../../../order-holds/decide-resolution.ts';
import { type OrderHold, remainingMinor, statusAt } from '../../../order-holds/order-hold.ts';
import type { Account } from '../../../order-holds/read-order-holds.sql.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { Problem, renderProblem } from '../../problems/problem.ts';
import { walletStateProblem } from '../../problems/wallet-state-problem.ts';

/** The answer to a request for a hold, as it is given now and on every replay. */
export function renderHoldForOrder(decision: HoldForOrderDecision): StoredResponse {
  switch (decision.kind) {
    case 'placed':
    case 'found':
      return {
        status: decision.kind === 'placed' ? 201 : 200,
        body: JSON.stringify(renderOrderHold(decision.hold, decision.at)),
      };
    case 'order_held_differently':
      return refuse(heldDifferently(decision), decision.request);
    case 'hold_not_funded':
      return refuse(notFunded(decision), decision.request);
    case 'wallet_frozen':
    case 'wallet_closed':
      return refuse(
        walletStateProblem(decision, decision.request.wallet ? 'wallet_id' : 'currency'),
        decision.request,
      );
  }
}

/** The answer to a capture or a release, likewise. */
export function renderResolution(decision: ResolutionDecision): StoredResponse {
  const { hold, request, at } = decision;
  switch (decision.kind) {
    case 'captured':
    case 'released':
      return { status: 200, body: JSON.stringify(renderOrderHold(hold, at)) };
    case 'hold_ended':
      return refuse(ended(hold, { action: request.action.kind, at }), request);
    case 'capture_exceeds_hold':
      return refuse(exceeds(hold, at), request);
    case 'wallet_frozen':
    case 'wallet_closed':
      return refuse(walletStateProblem(decision, fieldOfTarget(request)), request);
  }
}

/** @param at when it is shown, by the clock of the database. */
export function renderOrderHold(hold: OrderHold, at: Date) {
  return {
    user_id: Number(hold.userId),
    order_id: hold.orderId,
    wallet_id: Number(hold.walletId),
    ...renderAmounts(
      {
        amount: hold.amountMinor,
        captured: hold.capturedMinor,
        released: hold.releasedMinor,
        remaining: remainingMinor(hold),
      },
      hold.currency,
    ),
    currency: hold.currency,
    status: statusAt(hold, at),
    expires_at: hold.expiresAt.toISOString(),
    created_at: hold.createdAt.toISOString(),
    resolved_at: hold.resolvedAt?.toISOString() ?? null,
  };
}

export function renderAccount(account: Account) {
  const { userId, postedMinor, heldMinor, currency } = account;
  return {
    user_id: Number(userId),
    external_id: account.externalId,
    wallet_id: Number(account.walletId),
    ...renderAmounts({ balance: postedMinor, held: heldMinor, available: postedMinor - heldMinor }, currency),
    currency,
    holds: account.openHolds.map((hold) => renderOrderHold(hold, account.readAt)),
    has_more_holds: account.hasMoreHolds,
  };
}

function refuse(problem: Problem, { path }: { readonly path: string }): StoredResponse {
  return { status: problem.status, body: renderProblem(problem, path) };
}

function heldDifferently({
  hold,
  request,
  at,
}: Extract<HoldForOrderDecision, { kind: 'order_held_differently' }>): Problem {
  const { field, first } = differenceOf(hold, request);
  return new Problem('order-held-differently', {
    detail: `Order ${hold.orderId} was first held with ${say(hold.amountMinor, hold.currency)} of wallet ${hold.walletId}, and an order is held only once. Nothing was done.`,
    errors: [{ field, message: `must be the same as the first time: ${first}` }],
    extensions: { hold: renderOrderHold(hold, at) },
  });
}

/** What of a request is not as it was when its order was first held. */
function differenceOf(hold: OrderHold, { amountMinor, currency, wallet }: HoldForOrderRequest) {
  const first = say(hold.amountMinor, hold.currency);
  if (hold.currency === currency && hold.amountMinor !== amountMinor) return { field: 'amount', first };
  if (hold.currency !== currency && !wallet) return { field: 'currency', first };
  return { field: 'wallet_id', first: `wallet ${hold.walletId}` };
}

/** What in a request to capture leads to the wallet that gets the money. */
function fieldOfTarget({ action }: ResolveRequest): 'to_wallet_id' | 'to_user_id' {
  return action.kind === 'capture' && action.target.kind === 'user' && action.target.wallet
    ? 'to_wallet_id'
    : 'to_user_id';
}

function notFunded({
  request: { orderId, amountMinor, currency },
  availableMinor,
}: Extract<HoldForOrderDecision, { kind: 'hold_not_funded' }>): Problem {
  const available = say(availableMinor, currency);
  return new Problem('hold-not-funded', {
    detail: `Order ${orderId} needs ${say(amountMinor, currency)}, and ${available} is available. Nothing was done.`,
    errors: [{ field: 'amount', message: `must not be more than the ${available} that is available` }],
    extensions: { ...renderAmounts({ available: availableMinor, needed: amountMinor }, currency), currency },
  });
}

function ended(
  hold: OrderHold,
  { action, at }: { readonly action: 'capture' | 'release'; readonly at: Date },
): Problem {
  const done =
    hold.status === 'captured' || hold.status === 'released'
      ? `was ${hold.status} at ${hold.resolvedAt?.toISOString()}`
      : `expired at ${hold.expiresAt.toISOString()}`;
  return new Problem('hold-ended', {
    detail: `The hold of order ${hold.orderId} ${done}, so there is nothing to ${action}. Nothing was done.`,
    errors: [{ field: 'order_id', message: `names a hold that ${done}` }],
    extensions: { hold: renderOrderHold(hold, at) },
  });
}

function exceeds(hold: OrderHold, at: Date): Problem {
  const left = say(remainingMinor(hold), hold.currency);
  return new Problem('capture-exceeds-hold', {
    detail: `Of order ${hold.orderId}, ${left} is still held. Nothing was done.`,
    errors: [{ field: 'amount', message: `must not be more than the ${left} that is still held` }],
    extensions: { hold: renderOrderHold(hold, at) },
  });
}

function say(amountMinor: bigint, currency: string): string {
  return `${formatAmount(amountMinor, currency)} ${currency}`;
}
