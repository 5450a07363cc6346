import type { Request } from 'express';
import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { Money } from '../../../money/money.ts';
import type { PaymentType } from '../../../payments/payment.ts';
import { amountField } from '../../describe/amount-field.ts';
import { bodyByCurrency, currencyField } from '../../describe/currency-field.ts';
import { idField } from '../../describe/fields.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { ACCEPT_HEADERS, ACCEPT_PROBLEMS, acceptPayment } from './accept-payment.ts';
import { depositAcceptedSchema, withdrawalAcceptedSchema } from './acceptance-schemas.ts';

const DEPOSIT_PATH = '/api/v1/payments/deposit';
const WITHDRAW_PATH = '/api/v1/payments/withdraw';

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
      description:
        'The wallet is credited with the amount less the fee once the gateway has carried out the deposit. If the schedule of fees says that the sender pays, it is credited with the whole amount, and the gateway is asked for the fee on top of it.',
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
          headers: ACCEPT_HEADERS,
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
        'The amount and the fee are held at once. If the schedule of fees says that the recipient pays, the amount alone is held, and the gateway is asked for what the fee leaves of it. A withdrawal that needs more than is available is refused and recorded as failed.',
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
          headers: ACCEPT_HEADERS,
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
  context: ApiContext,
  request: Request,
  { route, ...payment }: AcceptRequest,
): Promise<Answer> {
  const { userId, amountMinor, currency } = payment;
  const understood = { user_id: userId.toString(), amount: formatAmount(amountMinor, currency), currency };
  return await acceptPayment(context, request, { route, understood, payment });
}
