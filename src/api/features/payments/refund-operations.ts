import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import { kindOf } from '../../../payments/kinds/payment-kinds.ts';
import type { Payment } from '../../../payments/payment.ts';
import { findPayment } from '../../../payments/read/read-payments.sql.ts';
import { amountField, unreadAmountField } from '../../describe/amount-field.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText, textField } from '../../describe/fields.ts';
import { keepBuilt } from '../../describe/keep-built.ts';
import { refundsPath } from '../../describe/resource-paths.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { validate } from '../../server/content/validate.ts';
import { defineOperation } from '../../server/operation.ts';
import { readUnlessKeyUsed } from '../../server/read-unless-key-used.ts';
import { requireWalletIdentity } from '../wallets/find-wallet.ts';
import {
  ACCEPT_HEADERS,
  ACCEPT_PROBLEMS,
  acceptPayment,
  answerPaymentByKey,
  depositNotSettled,
} from './accept-payment.ts';
import { refundAcceptedSchema } from './acceptance-schemas.ts';

const PATH = refundsPath('{payment_id}');

export function refundOperations(context: ApiContext) {
  const { config, knex } = context;
  return [
    defineOperation({
      method: 'post',
      path: PATH,
      id: 'refundDeposit',
      tag: 'payments',
      summary: 'Refund a deposit',
      description:
        "Refunds the given `amount`, or all that is left of the deposit. The money goes back through the gateway, out of the wallet that received the deposit. That wallet must have enough available, and the amount is held at once. All refunds of a deposit together never exceed it. `REFUND_RETURNS_FEE` says whether the deposit's fee goes back, too, in proportion to the refund: to the wallet, or to whoever made the deposit if they paid the fee on top of it.",
      params: z.object({ payment_id: idText.meta({ example: 1 }) }),
      body: z.strictObject({
        amount: unreadAmountField({ currency: config.payments.currency }),
        currency: namedCurrencyField(),
        reason: textField({ most: 500 }).optional(),
      }),
      bodyExample: { amount: 50, reason: 'the customer has sent the goods back' },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: {
        202: {
          description: 'The refund was accepted and will be carried out.',
          schema: refundAcceptedSchema,
          example: {
            payment_id: 3,
            user_id: 1,
            status: 'processing',
            refund: 50,
            refund_minor: '5000',
            refund_of: 1,
          },
          headers: ACCEPT_HEADERS,
        },
      },
      problems: [
        ...ACCEPT_PROBLEMS,
        'payment-not-found',
        'payment-not-refundable',
        'deposit-not-settled',
        'refund-exceeds-deposit',
        'insufficient-funds',
        'wallet-busy',
      ],
      async handle({
        params: { payment_id: depositId },
        body: { amount, currency: named, reason },
        request,
      }) {
        const deposit = await findPayment(knex, depositId);
        if (!deposit) throw new Problem('payment-not-found', { detail: `There is no payment ${depositId}.` });
        const { userId, walletId, currency } = deposit;
        const read = await readUnlessKeyUsed(context, request, {
          userId,
          async read() {
            requireRefundable(deposit);
            return validate(wantedIn(currency), { amount, currency: named }, 'body');
          },
        });
        if (read.kind !== 'read') return answerPaymentByKey(context, read, { type: 'refund' });
        const { amount: amountMinor = 'rest' } = read.meant;
        const wants = amountMinor === 'rest' ? 'rest' : 'amount';
        const wallet = await requireWalletIdentity(context, walletId);
        return await acceptPayment(context, request, {
          route: PATH,
          understood: {
            payment_id: depositId.toString(),
            amount: amountMinor === 'rest' ? 'rest' : formatAmount(amountMinor, currency),
            currency,
            reason: JSON.stringify(reason ?? null),
          },
          payment: {
            userId,
            type: 'refund',
            amountMinor: amountMinor === 'rest' ? deposit.amountMinor : amountMinor,
            currency,
            wallet,
            refund: { depositId, wants, reason: reason ?? null },
          },
        });
      },
    }),
  ];
}

/** The amount and currency that a refund of a deposit in this currency may have. */
const wantedIn = keepBuilt((currency) =>
  z.object({
    amount: amountField({ currency, least: 1n }).optional(),
    currency: z.literal(currency, `must be ${currency}, the currency of the deposit`).optional(),
  }),
);

/**
 * Failed payments, and payments other than deposits, can never be refunded; a deposit whose outcome is still open may be refunded later.
 */
function requireRefundable({ paymentId, type, status }: Payment): void {
  if (type === 'deposit' && status === 'success') return;
  if (type === 'deposit' && status !== 'failed') throw depositNotSettled(paymentId);
  const message =
    type === 'deposit'
      ? 'names a deposit that has failed'
      : `names a ${kindOf(type).noun}, and only a deposit can be refunded`;
  throw new Problem('payment-not-refundable', {
    detail: `Payment ${paymentId} cannot be refunded: payment_id ${message}. Nothing was done.`,
    errors: [{ field: 'payment_id', message }],
  });
}
