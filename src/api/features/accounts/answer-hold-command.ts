import type { Request } from 'express';
import type { UsedKeyOutcome } from '../../../idempotency/decide-replay.ts';
import type { IdempotencyClaim, StoredResponse } from '../../../idempotency/used-key.ts';
import type { OrderName } from '../../../order-holds/order-hold.ts';
import type { HoldAction } from '../../../order-holds/order-hold-metrics.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { orderHoldPath } from '../../describe/resource-paths.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import { answerStored, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import type { Answer } from '../../server/operation.ts';

/** What a request to hold, capture or release can be answered with, whichever it is. */
export const HOLD_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'idempotency-key-required',
  'user-not-found',
  'validation-failed',
  ...IDEMPOTENCY_PROBLEMS,
  'overloaded',
];
export const HOLD_HEADERS = {
  Location: { ...LOCATION, example: orderHoldPath({ userId: 1n, orderId: 'order-1001' }) },
  'Idempotency-Replayed': REPLAYED,
};

/** Reads the key of a request, which is required where payments need one. */
export function readHoldClaim(
  { config }: Pick<ApiContext, 'config'>,
  request: Request,
  { route, understood }: { readonly route: string; readonly understood: Readonly<Record<string, string>> },
): IdempotencyClaim | null {
  const { isKeyRequired } = config.idempotency;
  return readIdempotencyClaim(request, { route, isRequired: isKeyRequired, understood });
}

/**
 * The answer that was decided on.
 * @param order whose hold it is about; null where there is none.
 */
export function answerAboutHold(response: StoredResponse, order: OrderName | null): Answer {
  return answerStored(response, { path: order && orderHoldPath(order) });
}

/**
 * What a client is answered whose key decides it, and not what is held.
 * @throws Problem where the key leads to no answer.
 */
export function answerByKey(
  { metrics }: Pick<ApiContext, 'metrics'>,
  outcome: UsedKeyOutcome,
  { action, order }: { readonly action: HoldAction; readonly order: OrderName },
): Answer {
  if (outcome.kind !== 'replayed') metrics.orderHolds.refused(action, outcome.kind);
  // What was refused is kept with the user: there is no hold to read.
  const isRefusal = outcome.kind === 'replayed' && outcome.resource.kind !== 'order_hold';
  return answerUsedKey(outcome, { metrics, path: isRefusal ? null : orderHoldPath(order) });
}
