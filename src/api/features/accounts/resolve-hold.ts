import type { Request } from 'express';
import type { ResolveRequest } from '../../../order-holds/decide-resolution.ts';
import type { OrderName } from '../../../order-holds/order-hold.ts';
import { type HoldOfWallet, readAccount } from '../../../order-holds/read-order-holds.sql.ts';
import type { ApiContext } from '../../server/api-context.ts';
import type { Answer } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { requestPath } from '../../server/request-path.ts';
import { answerAboutHold, answerByKey, readHoldClaim } from './answer-hold-command.ts';
import { holdNotFound, userNotFound, walletNotFound } from './hold-problems.ts';

/**
 * The hold, whatever became of it, outside of any transaction: its currency and its wallet never change.
 * @throws Problem where nothing was held for the order, or there is no such user.
 */
export async function requireHold({ knex, lookups }: ApiContext, order: OrderName): Promise<HoldOfWallet> {
  const found = await lookups.orderHolds.find(order);
  if (found) return found;
  const account = await readAccount(knex, { userId: order.userId, holdLimit: 0 });
  throw account === undefined ? userNotFound(order.userId, 'user_id') : holdNotFound(order);
}

/**
 * Captures or releases what is held, and answers with the hold.
 * @param understood what of the request its fingerprint is computed from, besides the order.
 * @throws Problem where there is no such hold or target, or the key leads to no answer.
 */
export async function resolveHold(
  context: ApiContext,
  request: Request,
  {
    route,
    understood,
    resolution,
  }: {
    readonly route: string;
    readonly understood: Readonly<Record<string, string>>;
    readonly resolution: Omit<ResolveRequest, 'idempotency' | 'path'>;
  },
): Promise<Answer> {
  const { metrics, orderHoldResolver } = context;
  const { userId, orderId, currency, action } = resolution;
  const order = { userId, orderId };
  const idempotency = readHoldClaim(context, request, {
    route,
    understood: { user_id: userId.toString(), order_id: JSON.stringify(orderId), currency, ...understood },
  });
  const outcome = await orderHoldResolver.execute({
    ...resolution,
    path: requestPath(request),
    idempotency,
    traceparent: readTraceparent(request),
  });
  if (outcome.kind !== 'decided') return answerByKey(context, outcome, { action: action.kind, order });
  const { result } = outcome;
  if (result.kind === 'answered') {
    const { decided } = result;
    if (decided === 'captured' || decided === 'released') metrics.orderHolds.happened(decided);
    else metrics.orderHolds.refused(action.kind, decided);
    return answerAboutHold(result.response, order);
  }
  metrics.orderHolds.refused(action.kind, result.kind);
  if (result.kind === 'hold_not_found') throw holdNotFound(order);
  const targetId = action.kind === 'capture' && action.target.kind === 'user' ? action.target.userId : userId;
  throw result.kind === 'target_not_found'
    ? userNotFound(targetId, 'to_user_id')
    : walletNotFound({ userId: targetId, currency }, 'to_user_id');
}
