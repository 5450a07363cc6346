import type { Request } from 'express';
import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { CaptureTarget, ResolveRequest } from '../../../order-holds/decide-resolution.ts';
import type { OrderHold } from '../../../order-holds/order-hold.ts';
import { readAccount } from '../../../order-holds/read-order-holds.sql.ts';
import { amountField, unreadAmountField } from '../../describe/amount-field.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { accountPath } from '../../describe/resource-paths.ts';
import { userNameField, userNameText } from '../../describe/user-name-field.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { validate } from '../../server/content/validate.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { readUnlessKeyUsed } from '../../server/read-unless-key-used.ts';
import { requestPath } from '../../server/request-path.ts';
import { requireUserId } from '../other-names/find-named-user.ts';
import {
  answerAboutHold,
  answerByKey,
  HOLD_HEADERS,
  HOLD_PROBLEMS,
  readHoldClaim,
} from './answer-hold-command.ts';
import { holdNotFound, userNotFound, walletNotFound } from './hold-problems.ts';
import { orderIdField } from './order-fields.ts';
import { orderHoldExample, orderHoldSchema } from './order-hold-schemas.ts';

const CAPTURE_PATH = `${accountPath('{user_id}')}/capture`;
const RELEASE_PATH = `${accountPath('{user_id}')}/release`;
const params = z.object({ user_id: userNameText({ use: 'find' }).meta({ example: 1 }) });
const RESOLVED_AT = '2026-01-02T09:30:00.000Z';

export function resolveOperations(context: ApiContext) {
  const { config } = context;
  return [
    defineOperation({
      method: 'post',
      path: CAPTURE_PATH,
      id: 'captureHold',
      tag: 'accounts',
      summary: 'Capture what is held for an order, in part or whole',
      description:
        'The money leaves the wallet: it goes to the wallet of another user in the same currency, or to our own sales where no user is named. What is not captured is released, unless `final` is false; then it stays held, and may be captured later. It is captured of a frozen wallet, too: it was held before.',
      params,
      body: z
        .strictObject({
          order_id: orderIdField,
          amount: unreadAmountField({ currency: config.payments.currency }),
          currency: namedCurrencyField(),
          to_user_id: userNameField({ use: 'find' }).optional(),
          to: z.literal('sales', 'must be sales').optional(),
          final: z.boolean('must be true or false').default(true),
        })
        .meta({ not: { required: ['to', 'to_user_id'] } }),
      bodyExample: { order_id: 'order-1001', amount: 20, to: 'sales' },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        200: {
          description: 'It was captured.',
          schema: orderHoldSchema,
          example: {
            ...orderHoldExample,
            captured: 20,
            captured_minor: '2000',
            released: 10,
            released_minor: '1000',
            remaining: 0,
            remaining_minor: '0',
            status: 'captured',
            resolved_at: RESOLVED_AT,
          },
          headers: HOLD_HEADERS,
        },
      },
      problems: [
        ...HOLD_PROBLEMS,
        'wallet-not-found',
        'hold-not-found',
        'hold-ended',
        'capture-exceeds-hold',
        'wallet-frozen',
        'wallet-closed',
        'wallet-busy',
      ],
      async handle({ params: { user_id: name }, body, request }) {
        const userId = await requireUserId(context.knex, { name, field: 'user_id' });
        const order = { userId, orderId: body.order_id };
        const read = await readUnlessKeyUsed(context, request, {
          userId,
          async read() {
            const named = body.to_user_id && { name: body.to_user_id, field: 'to_user_id' };
            const toUserId = named && (await requireUserId(context.knex, named));
            const target = targetOf(userId, { to: body.to, toUserId });
            const { currency } = await requireHold(context, order);
            const sent = { amount: body.amount, currency: body.currency };
            const { amount } = validate(wantedIn(currency), sent, 'body');
            return { target, currency, amountMinor: amount ?? ('rest' as const) };
          },
        });
        if (read.kind !== 'read') return answerByKey(context, read, { action: 'capture', order });
        const { target, currency, amountMinor } = read.meant;
        return await resolve(context, request, {
          route: CAPTURE_PATH,
          understood: {
            amount: amountMinor === 'rest' ? 'rest' : formatAmount(amountMinor, currency),
            to: target.kind === 'sales' ? 'sales' : `user ${target.userId}`,
            final: String(body.final),
          },
          resolution: {
            ...order,
            currency,
            action: {
              kind: 'capture',
              amountMinor,
              target,
              rest: body.final ? 'released' : 'stays_held',
            },
          },
        });
      },
    }),

    defineOperation({
      method: 'post',
      path: RELEASE_PATH,
      id: 'releaseHold',
      tag: 'accounts',
      summary: 'Release what is held for an order',
      description: 'What is left of it goes back to available.',
      params,
      body: z.strictObject({ order_id: orderIdField }),
      bodyExample: { order_id: 'order-1001' },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        200: {
          description: 'It was released.',
          schema: orderHoldSchema,
          example: {
            ...orderHoldExample,
            released: 30,
            released_minor: '3000',
            remaining: 0,
            remaining_minor: '0',
            status: 'released',
            resolved_at: RESOLVED_AT,
          },
          headers: HOLD_HEADERS,
        },
      },
      problems: [...HOLD_PROBLEMS, 'hold-not-found', 'hold-ended', 'wallet-busy'],
      async handle({ params: { user_id: name }, body, request }) {
        const userId = await requireUserId(context.knex, { name, field: 'user_id' });
        const order = { userId, orderId: body.order_id };
        const read = await readUnlessKeyUsed(context, request, {
          userId,
          read: () => requireHold(context, order),
        });
        if (read.kind !== 'read') return answerByKey(context, read, { action: 'release', order });
        const { currency } = read.meant;
        const resolution = { ...order, currency, action: { kind: 'release' as const } };
        return await resolve(context, request, { route: RELEASE_PATH, understood: {}, resolution });
      },
    }),
  ];
}

/** The hold, outside of any transaction: its currency and its wallet never change. */
async function requireHold(
  { knex, lookups }: ApiContext,
  order: { readonly userId: bigint; readonly orderId: string },
): Promise<OrderHold> {
  const hold = await lookups.orderHolds.find(order);
  if (hold) return hold;
  const account = await readAccount(knex, { userId: order.userId, holdLimit: 0 });
  throw account === undefined ? userNotFound(order.userId, 'user_id') : holdNotFound(order);
}

function targetOf(
  userId: bigint,
  { to, toUserId }: { readonly to: 'sales' | undefined; readonly toUserId: bigint | undefined },
): CaptureTarget {
  if (toUserId === undefined) return { kind: 'sales' };
  if (to !== undefined) throw unfit('to', 'must not be given beside to_user_id');
  if (toUserId === userId) throw unfit('to_user_id', 'must be another user than the one whose money is held');
  return { kind: 'user', userId: toUserId };
}

function unfit(field: string, message: string): Problem {
  return new Problem('validation-failed', { detail: `${field} ${message}.`, errors: [{ field, message }] });
}

/** Amount and currency as they must be for a hold in this currency. */
function wantedIn(currency: string) {
  return z.object({
    amount: amountField({ currency, least: 1n }).optional(),
    currency: z.literal(currency, `must be ${currency}, the currency of the hold`).optional(),
  });
}

async function resolve(
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
  const outcome = await orderHoldResolver.execute({ ...resolution, path: requestPath(request), idempotency });
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
