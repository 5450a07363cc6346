import type { Request } from 'express';
import { CommitOutcomeUnknown } from '../../../database/transactions/commit-outcome.ts';
import type { UsedKeyOutcome } from '../../../idempotency/decide-replay.ts';
import type {
  AcceptanceOutcome,
  AcceptanceResult,
  Acceptor,
  PaymentRequest,
} from '../../../payments/accept/acceptance.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from '../../describe/keyed-answers.ts';
import { userWalletsPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import type { ProblemCode } from '../../problems/problem-catalogue.ts';
import { unchargeable } from '../../problems/unchargeable.ts';
import { answerMade, answerUsedKey } from '../../server/answer-keyed.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { readIdempotencyClaim } from '../../server/idempotency-key.ts';
import type { Answer } from '../../server/operation.ts';
import { readTraceparent } from '../../server/read-traceparent.ts';
import { requestPath } from '../../server/request-path.ts';

/** The problems that a request for any kind of payment can cause. */
export const ACCEPT_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'idempotency-key-required',
  'user-not-found',
  'wallet-not-found',
  'wallet-frozen',
  'wallet-closed',
  'validation-failed',
  ...IDEMPOTENCY_PROBLEMS,
  'overloaded',
  'accept-outcome-unknown',
];
export const ACCEPT_HEADERS = { Location: LOCATION, 'Idempotency-Replayed': REPLAYED };

/**
 * Accepts a payment of any kind and renders the answer.
 * @param understood the values that the request's fingerprint is computed from; see readIdempotencyClaim.
 * @throws Problem for a request that was not accepted and whose refusal is not stored with its key.
 */
export async function acceptPayment(
  { acceptor, config, metrics }: ApiContext,
  request: Request,
  {
    route,
    understood,
    payment,
    amountField = payment.type === 'deposit' ? 'deposit' : 'amount',
  }: {
    readonly route: string;
    readonly understood: Readonly<Record<string, string>>;
    readonly payment: Omit<PaymentRequest, 'idempotency' | 'path'>;
    /** What the client called the amount. */
    readonly amountField?: 'amount' | 'deposit';
  },
): Promise<Answer> {
  const { isKeyRequired } = config.idempotency;
  const idempotency = readIdempotencyClaim(request, { route, isRequired: isKeyRequired, understood });
  const { type } = payment;
  const outcome = await executeAcceptance(acceptor, {
    ...payment,
    path: requestPath(request),
    idempotency,
    traceparent: readTraceparent(request),
  });
  if (outcome.kind !== 'decided') return answerPaymentByKey({ metrics }, outcome, { type });
  const { result } = outcome;
  if (result.kind !== 'answered') {
    metrics.refused.inc({ type, reason: result.kind });
    throw problemOf(result, payment, amountField);
  }
  const { decided, resource, response } = result;
  if (decided === 'accepted') metrics.accepted.inc({ type });
  else metrics.refused.inc({ type, reason: decided });
  return answerMade({ resource, response });
}

/**
 * What a client is answered whose key decides it.
 * @throws Problem where the key leads to no answer.
 */
export function answerPaymentByKey(
  { metrics }: Pick<ApiContext, 'metrics'>,
  outcome: UsedKeyOutcome,
  { type }: Pick<PaymentRequest, 'type'>,
): Answer {
  if (outcome.kind !== 'replayed') metrics.refused.inc({ type, reason: outcome.kind });
  return answerUsedKey(outcome, { metrics });
}

/** For a COMMIT that may have happened, name the payment in the problem, so that the client knows what to look for. */
async function executeAcceptance(acceptor: Acceptor, request: PaymentRequest): Promise<AcceptanceOutcome> {
  try {
    return await acceptor.execute(request);
  } catch (error) {
    if (!(error instanceof CommitOutcomeUnknown)) throw error;
    throw new Problem('accept-outcome-unknown', { cause: error });
  }
}

function problemOf(
  result: Exclude<AcceptanceResult, { kind: 'answered' }>,
  { userId, currency, refund }: Pick<PaymentRequest, 'userId' | 'currency' | 'refund'>,
  amountField: 'amount' | 'deposit',
): Problem {
  switch (result.kind) {
    case 'user_not_found':
      return new Problem('user-not-found', {
        detail: `There is no user ${userId}.`,
        errors: [{ field: 'user_id', message: 'does not name a user' }],
      });
    case 'wallet_not_found':
      return new Problem('wallet-not-found', {
        detail: `User ${userId} has no wallet in ${currency}. Nothing was done. Open one with POST ${userWalletsPath(userId)}, or name a currency in which the user has one.`,
        errors: [
          { field: 'currency', message: `is ${currency}, but user ${userId} has no wallet in ${currency}` },
        ],
      });
    case 'deposit_not_settled':
      return depositNotSettled(refund?.depositId);
    case 'fee_exceeds_amount':
    case 'too_large_with_fee':
      return unchargeable(result, { field: amountField, currency });
  }
}

export function depositNotSettled(depositId: bigint | undefined): Problem {
  return new Problem('deposit-not-settled', {
    detail: `Deposit ${depositId} cannot be refunded yet, because it has not succeeded. Nothing was done.`,
    errors: [{ field: 'payment_id', message: 'names a deposit that has not succeeded yet' }],
  });
}
