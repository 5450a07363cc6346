import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { amountField, unreadAmountField } from '../../describe/amount-field.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idField } from '../../describe/fields.ts';
import { keepBuilt } from '../../describe/keep-built.ts';
import { accountPath } from '../../describe/resource-paths.ts';
import { userNameField, userNameText } from '../../describe/user-name-field.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { validate } from '../../server/content/validate.ts';
import { defineOperation } from '../../server/operation.ts';
import { readUnlessKeyUsed } from '../../server/read-unless-key-used.ts';
import { requireUserId } from '../other-names/find-named-user.ts';
import { answerByKey, HOLD_HEADERS, HOLD_PROBLEMS } from './answer-hold-command.ts';
import { EXCLUDING_TARGETS, readCaptureTarget, requireTargetIn, sayTarget } from './capture-target.ts';
import { orderIdField } from './order-fields.ts';
import { orderHoldExample, orderHoldSchema } from './order-hold-schemas.ts';
import { requireHold, resolveHold } from './resolve-hold.ts';

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
        'The money leaves the wallet: it goes to the wallet of another user in the same currency, which `to_user_id` or, if it has a name, `to_wallet_id` says, or to our own sales where neither is named. What is not captured is released, unless `final` is false; then it stays held, and may be captured later. It is captured of a frozen wallet, too: it was held before.',
      params,
      body: z
        .strictObject({
          order_id: orderIdField,
          amount: unreadAmountField({ currency: config.payments.currency }),
          currency: namedCurrencyField(),
          to_user_id: userNameField({ use: 'find' }).optional(),
          to_wallet_id: idField.optional().meta({ description: 'A wallet of another user.', example: 15 }),
          to: z.literal('sales', 'must be sales').optional(),
          final: z.boolean('must be true or false').default(true),
        })
        .meta({ not: { anyOf: EXCLUDING_TARGETS.map((required) => ({ required })) } }),
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
        'no-such-wallet',
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
            const target = await readCaptureTarget(context, userId, body);
            const { hold, walletName } = await requireHold(context, order);
            const { currency } = hold;
            const sent = { amount: body.amount, currency: body.currency };
            const { amount } = validate(wantedIn(currency), sent, 'body');
            requireTargetIn(currency, target);
            return { held: { currency, walletName }, target, amountMinor: amount ?? ('rest' as const) };
          },
        });
        if (read.kind !== 'read') return answerByKey(context, read, { action: 'capture', order });
        const { held, target, amountMinor } = read.meant;
        return await resolveHold(context, request, {
          route: CAPTURE_PATH,
          understood: {
            amount: amountMinor === 'rest' ? 'rest' : formatAmount(amountMinor, held.currency),
            to: sayTarget(target),
            final: String(body.final),
          },
          resolution: {
            ...order,
            ...held,
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
        const { hold, walletName } = read.meant;
        const { currency } = hold;
        const resolution = { ...order, currency, walletName, action: { kind: 'release' as const } };
        return await resolveHold(context, request, { route: RELEASE_PATH, understood: {}, resolution });
      },
    }),
  ];
}

/** Amount and currency as they must be for a hold in this currency. */
const wantedIn = keepBuilt((currency) =>
  z.object({
    amount: amountField({ currency, least: 1n }).optional(),
    currency: z.literal(currency, `must be ${currency}, the currency of the hold`).optional(),
  }),
);
