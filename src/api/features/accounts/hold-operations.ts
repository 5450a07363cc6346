import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { findOrderHold } from '../../../order-holds/read-order-holds.sql.ts';
import { amountField } from '../../describe/amount-field.ts';
import { bodyByCurrency, currencyField } from '../../describe/currency-field.ts';
import { accountPath } from '../../describe/resource-paths.ts';
import { userNameText } from '../../describe/user-name-field.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
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
import { expiresInField, orderIdField, orderIdText } from './order-fields.ts';
import { orderHoldExample, orderHoldSchema } from './order-hold-schemas.ts';
import { renderOrderHold } from './render-order-hold.ts';

const PATH = `${accountPath('{user_id}')}/hold`;

/** What is refused without a hold that could be read. */
const LEAVES_NO_HOLD: ReadonlySet<string> = new Set(['hold_not_funded', 'wallet_frozen', 'wallet_closed']);

export function holdOperations(context: ApiContext) {
  const { config, knex, metrics, orderHolder } = context;
  const fallback = config.payments.currency;
  const currency = currencyField({ fallback });
  const bodyIn = (named: string) =>
    z.strictObject({
      order_id: orderIdField,
      amount: amountField({ currency: named, least: 1n }),
      currency,
      expires_in_seconds: expiresInField,
    });
  return [
    defineOperation({
      method: 'post',
      path: PATH,
      id: 'holdForOrder',
      tag: 'accounts',
      summary: "Hold money of a user's wallet for an order",
      description:
        'Money that is held still belongs to the user, but cannot be spent until it is captured or released, or its time is over. An order is held once for a user: the same order with the same amount is answered with the hold that is there, whatever became of it.',
      params: z.object({ user_id: userNameText({ use: 'find' }).meta({ example: 1 }) }),
      ...bodyByCurrency({ fallback, build: bodyIn }),
      bodyExample: { order_id: 'order-1001', amount: 30 },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        200: {
          description: 'The order was held before, with this amount.',
          schema: orderHoldSchema,
          example: orderHoldExample,
          headers: HOLD_HEADERS,
        },
        201: {
          description: 'The money is held.',
          schema: orderHoldSchema,
          example: orderHoldExample,
          headers: HOLD_HEADERS,
        },
      },
      problems: [
        ...HOLD_PROBLEMS,
        'wallet-not-found',
        'hold-not-funded',
        'order-held-differently',
        'wallet-frozen',
        'wallet-closed',
        'wallet-busy',
      ],
      async handle({ params: { user_id: name }, body, request }) {
        const userId = await requireUserId(knex, { name, field: 'user_id' });
        const order = { userId, orderId: body.order_id };
        const money = { amountMinor: body.amount, currency: body.currency };
        const idempotency = readHoldClaim(context, request, {
          route: PATH,
          understood: {
            user_id: userId.toString(),
            order_id: JSON.stringify(order.orderId),
            amount: formatAmount(money.amountMinor, money.currency),
            currency: money.currency,
            expires_in_seconds: String(body.expires_in_seconds),
          },
        });
        const expiresInMs = body.expires_in_seconds * 1000;
        const path = requestPath(request);
        const outcome = await orderHolder.execute({ ...order, ...money, expiresInMs, path, idempotency });
        if (outcome.kind !== 'decided') return answerByKey(context, outcome, { action: 'hold', order });
        const { result } = outcome;
        if (result.kind !== 'answered') {
          metrics.orderHolds.refused('hold', result.kind);
          throw result.kind === 'user_not_found'
            ? userNotFound(userId, 'user_id')
            : walletNotFound({ ...money, userId }, 'currency');
        }
        if (result.decided === 'placed') metrics.orderHolds.happened('placed');
        else if (result.decided !== 'found') metrics.orderHolds.refused('hold', result.decided);
        return answerAboutHold(result.response, LEAVES_NO_HOLD.has(result.decided) ? null : order);
      },
    }),

    defineOperation({
      method: 'get',
      path: PATH,
      id: 'readOrderHold',
      tag: 'accounts',
      summary: 'Read what was held for an order, and what became of it',
      params: z.object({ user_id: userNameText({ use: 'find' }).meta({ example: 1 }) }),
      query: z.strictObject({ order_id: orderIdText }),
      isPolled: true,
      access: 'anyone',
      answers: { 200: { description: 'The hold.', schema: orderHoldSchema, example: orderHoldExample } },
      problems: ['user-not-found', 'hold-not-found', 'validation-failed'],
      async handle({ params: { user_id: name }, query: { order_id: orderId } }) {
        const userId = await requireUserId(knex, { name, field: 'user_id' });
        const found = await findOrderHold(knex, { userId, orderId });
        if (!found) throw holdNotFound({ userId, orderId });
        return { status: 200, body: renderOrderHold(found.hold, found.readAt) };
      },
    }),
  ];
}
