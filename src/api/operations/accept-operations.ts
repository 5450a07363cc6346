import type { Request } from 'express';
import { z } from 'zod';
import type { StoredResponse } from '../../idempotency/used-key.ts';
import type { Money } from '../../money/money.ts';
import type {
  AcceptanceOutcome,
  AcceptanceResult,
  Acceptor,
  PaymentRequest,
} from '../../payments/acceptance.ts';
import type { PaymentType } from '../../payments/payment.ts';
import { CommitOutcomeUnknown } from '../../shared/commit-outcome.ts';
import { formatAmount } from '../../shared/money.ts';
import type { ApiContext } from '../api-context.ts';
import { readIdempotencyClaim } from '../idempotency-key.ts';
import { keyProblem } from '../key-problem.ts';
import { type Answer, defineOperation } from '../operation.ts';
import { PROBLEM_MEDIA_TYPE, Problem } from '../problem.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { paymentPath } from '../render.ts';
import { amountField } from '../schemas/amount-field.ts';
import { depositAcceptedSchema, withdrawalAcceptedSchema } from '../schemas/answers.ts';
import { bodyByCurrency, currencyField } from '../schemas/currency-field.ts';
import { idField } from '../schemas/fields.ts';
import { IDEMPOTENCY_PROBLEMS, LOCATION, REPLAYED } from './examples.ts';

const DEPOSIT_PATH = '/api/v1/payments/deposit';
const WITHDRAW_PATH = '/api/v1/payments/withdraw';

const ACCEPT_PROBLEMS: readonly ProblemCode[] = [
  'malformed-request',
  'idempotency-key-required',
  'user-not-found',
  'wallet-not-found',
  'validation-failed',
  ...IDEMPOTENCY_PROBLEMS,
  'overloaded',
  'accept-outcome-unknown',
];
const HEADERS = { Location: LOCATION, 'Idempotency-Replayed': REPLAYED };

export function acceptOperations(context: ApiContext) {
  const { config } = context;
  const fallback = config.payments.currency;
  const currency = currencyField({ fallback });
  const depositIn = (named: string) =>
    z.strictObject({ user_id: idField, deposit: amountField({ currency: named, least: 1n }), currency });
  const withdrawalIn = (named: string) =>
    z.strictObject({ user_id: idField, amount: amountField({ currency: named, least: 1n }), currency });
  return [
    defineOperation({
      method: 'post',
      path: DEPOSIT_PATH,
      id: 'deposit',
      tag: 'payments',
      summary: 'Accept a deposit',
      description: 'The wallet gets the amount less the fee once the gateway has carried it out.',
      ...bodyByCurrency({ fallback, build: depositIn }),
      bodyExample: { user_id: 1, deposit: 200 },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        202: {
          description: 'The deposit was accepted and will be carried out.',
          schema: depositAcceptedSchema,
          example: { payment_id: 1, user_id: 1, status: 'processing', deposit: 200, deposit_minor: '20000' },
          headers: HEADERS,
        },
      },
      problems: ACCEPT_PROBLEMS,
      handle: ({ body, request }) =>
        accept(context, request, {
          route: DEPOSIT_PATH,
          type: 'deposit',
          userId: body.user_id,
          amountMinor: body.deposit,
          currency: body.currency,
        }),
    }),

    defineOperation({
      method: 'post',
      path: WITHDRAW_PATH,
      id: 'withdraw',
      tag: 'payments',
      summary: 'Accept a withdrawal',
      description:
        'Amount and fee are held at once. A withdrawal that exceeds what is available is refused and recorded as failed.',
      ...bodyByCurrency({ fallback, build: withdrawalIn }),
      bodyExample: { user_id: 1, amount: 50 },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        202: {
          description: 'The withdrawal was accepted and will be carried out.',
          schema: withdrawalAcceptedSchema,
          example: { payment_id: 2, user_id: 1, status: 'processing', withdraw: 50, withdraw_minor: '5000' },
          headers: HEADERS,
        },
      },
      problems: [...ACCEPT_PROBLEMS, 'insufficient-funds', 'wallet-busy'],
      handle: ({ body, request }) =>
        accept(context, request, {
          route: WITHDRAW_PATH,
          type: 'withdraw',
          userId: body.user_id,
          amountMinor: body.amount,
          currency: body.currency,
        }),
    }),
  ];
}

interface AcceptRequest extends Money {
  readonly route: string;
  readonly type: PaymentType;
  readonly userId: bigint;
}

async function accept(
  { acceptor, config, metrics }: ApiContext,
  request: Request,
  { route, type, userId, amountMinor, currency }: AcceptRequest,
): Promise<Answer> {
  const idempotency = readIdempotencyClaim(request, {
    route,
    isRequired: config.idempotency.isKeyRequired,
    understood: { user_id: userId.toString(), amount: formatAmount(amountMinor, currency), currency },
  });
  const outcome = await executeAcceptance(acceptor, { userId, type, amountMinor, currency, idempotency });
  switch (outcome.kind) {
    case 'decided': {
      const { result } = outcome;
      if (result.kind !== 'answered') {
        metrics.refused.inc({ type, reason: result.kind });
        throw problemOf(result, { userId, currency });
      }
      const { decided, paymentId, response } = result;
      if (decided === 'accepted') metrics.accepted.inc({ type });
      else metrics.refused.inc({ type, reason: decided });
      return answerOf(response, { paymentId, isReplay: false });
    }
    case 'replayed':
      metrics.replays.inc();
      return answerOf(outcome.response, { paymentId: outcome.resource.id, isReplay: true });
    default:
      metrics.refused.inc({ type, reason: outcome.kind });
      if (outcome.kind === 'key_reused') metrics.conflicts.inc();
      throw keyProblem(outcome);
  }
}

/** A COMMIT that may have happened is told in the words of payments, which can be looked at. */
async function executeAcceptance(acceptor: Acceptor, request: PaymentRequest): Promise<AcceptanceOutcome> {
  try {
    return await acceptor.execute(request);
  } catch (error) {
    if (!(error instanceof CommitOutcomeUnknown)) throw error;
    throw new Problem('accept-outcome-unknown', { headers: { 'Retry-After': '1' }, cause: error });
  }
}

function answerOf(
  response: StoredResponse,
  { paymentId, isReplay }: { readonly paymentId: bigint; readonly isReplay: boolean },
): Answer {
  return {
    ...response,
    mediaType: response.status < 400 ? 'application/json' : PROBLEM_MEDIA_TYPE,
    headers: {
      Location: paymentPath(paymentId),
      ...(isReplay ? { 'Idempotency-Replayed': 'true' } : {}),
    },
    paymentId,
  };
}

function problemOf(
  result: Exclude<AcceptanceResult, { kind: 'answered' }>,
  { userId, currency }: { readonly userId: bigint; readonly currency: string },
): Problem {
  switch (result.kind) {
    case 'user_not_found':
      return new Problem('user-not-found', {
        detail: `There is no user ${userId}.`,
        errors: [{ field: 'user_id', message: 'is not a user' }],
      });
    case 'wallet_not_found':
      return new Problem('wallet-not-found', {
        detail: `User ${userId} has no wallet in ${currency}. Nothing was done.`,
        errors: [{ field: 'currency', message: `is ${currency}, in which user ${userId} has no wallet` }],
      });
  }
}
