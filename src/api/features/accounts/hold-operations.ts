import { z } from 'zod';
import { findOrderHold } from '../../../order-holds/read-order-holds.sql.ts';
import { idText } from '../../describe/fields.ts';
import { accountPath, walletPath } from '../../describe/resource-paths.ts';
import { userNameText } from '../../describe/user-name-field.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { defineOperation } from '../../server/operation.ts';
import { readUnlessKeyUsed } from '../../server/read-unless-key-used.ts';
import { requireUser, requireUserId } from '../other-names/find-named-user.ts';
import { requireWalletIdentity } from '../wallets/find-wallet.ts';
import { readFittingMoney } from '../wallets/read-fitting-money.ts';
import { answerByKey, HOLD_HEADERS, HOLD_PROBLEMS } from './answer-hold-command.ts';
import { holdBody, walletHoldBody } from './hold-body.ts';
import { foreignWallet, holdNotFound } from './hold-problems.ts';
import { orderIdText } from './order-fields.ts';
import { orderHoldExample, orderHoldSchema } from './order-hold-schemas.ts';
import { placeHold } from './place-hold.ts';
import { renderOrderHold } from './render-order-hold.ts';

const PATH = `${accountPath('{user_id}')}/hold`;
const WALLET_PATH = `${walletPath('{wallet_id}')}/hold`;
const params = z.object({ user_id: userNameText({ use: 'find' }).meta({ example: 1 }) });

const ANSWERS = {
  200: {
    description: 'The order was held before, with this amount, of this wallet.',
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
};
const PROBLEMS = [
  ...HOLD_PROBLEMS,
  'wallet-not-found',
  'hold-not-funded',
  'order-held-differently',
  'wallet-frozen',
  'wallet-closed',
  'wallet-busy',
] as const;

export function holdOperations(context: ApiContext) {
  const { knex, lookups } = context;
  const fallback = context.config.payments.currency;
  return [
    defineOperation({
      method: 'post',
      path: PATH,
      id: 'holdForOrder',
      tag: 'accounts',
      summary: "Hold money of a user's wallet for an order",
      description:
        'Money that is held still belongs to the user, but cannot be spent until it is captured or released, or its time is over. An order is held once for a user, whichever wallet is named: the same order with the same amount of the same wallet is answered with the hold that is there, whatever became of it.',
      params,
      ...holdBody({ fallback }),
      bodyExample: { order_id: 'order-1001', amount: 30 },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: ANSWERS,
      problems: PROBLEMS,
      async handle({ params: { user_id: name }, body, request }) {
        const userId = await requireUserId(knex, { name, field: 'user_id' });
        const order = { userId, orderId: body.order_id };
        const read = await readUnlessKeyUsed(context, request, {
          userId,
          async read() {
            const { wallet_id: walletId, amount, currency } = body;
            if (walletId === undefined)
              return { amountMinor: amount as bigint, currency: currency ?? fallback, wallet: undefined };
            const wallet = await lookups.wallets.find(walletId);
            if (wallet?.userId !== userId) {
              await requireUser(knex, { name, field: 'user_id' });
              throw foreignWallet({ userId, walletId });
            }
            return { ...readFittingMoney(wallet.currency, { amount, currency }), wallet };
          },
        });
        if (read.kind !== 'read') return answerByKey(context, read, { action: 'hold', order });
        const { amountMinor, currency, wallet } = read.meant;
        return await placeHold(context, request, {
          ...order,
          ...{ amountMinor, currency, wallet },
          expiresInSeconds: body.expires_in_seconds,
          route: PATH,
          // A wallet without a name is the one that is meant where none is named.
          understood: { user_id: userId.toString(), wallet: JSON.stringify(wallet?.name ?? '') },
        });
      },
    }),

    defineOperation({
      method: 'post',
      path: WALLET_PATH,
      id: 'holdOfWallet',
      tag: 'wallets',
      summary: 'Hold money of a wallet for an order',
      description:
        'As `POST /api/v1/accounts/{user_id}/hold`, of this wallet. The amount is in its currency. The order is one of its user: it is captured, released and read under `/api/v1/accounts/{user_id}`.',
      params: z.object({ wallet_id: idText.meta({ example: 7 }) }),
      body: walletHoldBody({ fallback }),
      bodyExample: { order_id: 'order-1002', amount: 30 },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: ANSWERS,
      problems: [...PROBLEMS, 'no-such-wallet'],
      async handle({ params: { wallet_id: walletId }, body, request }) {
        const wallet = await requireWalletIdentity(context, walletId);
        const { userId } = wallet;
        const order = { userId, orderId: body.order_id };
        const read = await readUnlessKeyUsed(context, request, {
          userId,
          read: async () => readFittingMoney(wallet.currency, body),
        });
        if (read.kind !== 'read') return answerByKey(context, read, { action: 'hold', order });
        return await placeHold(context, request, {
          ...order,
          ...read.meant,
          wallet,
          expiresInSeconds: body.expires_in_seconds,
          route: WALLET_PATH,
          understood: { wallet_id: walletId.toString() },
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: PATH,
      id: 'readOrderHold',
      tag: 'accounts',
      summary: 'Read what was held for an order, and what became of it',
      description: 'Whichever wallet of the user it is held of.',
      params,
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
