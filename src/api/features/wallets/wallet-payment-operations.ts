import type { Request } from 'express';
import { z } from 'zod';
import { formatAmount } from '../../../money/decimal-amount.ts';
import type { PaymentType } from '../../../payments/payment.ts';
import { unreadAmountField, unreadRequiredAmountField } from '../../describe/amount-field.ts';
import { namedCurrencyField } from '../../describe/currency-field.ts';
import { idText } from '../../describe/fields.ts';
import { walletPath } from '../../describe/resource-paths.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import { readUnlessKeyUsed } from '../../server/read-unless-key-used.ts';
import { quoteIdField } from '../currency/convert-operations.ts';
import { CONVERTED, EXECUTE_PROBLEMS, executeQuote } from '../currency/execute-quote.ts';
import { conversionExample } from '../currency/quote-schemas.ts';
import {
  ACCEPT_HEADERS,
  ACCEPT_PROBLEMS,
  acceptPayment,
  answerPaymentByKey,
} from '../payments/accept-payment.ts';
import { depositAcceptedSchema, withdrawalAcceptedSchema } from '../payments/acceptance-schemas.ts';
import { requireWalletIdentity } from './find-wallet.ts';
import { readFittingMoney } from './read-fitting-money.ts';

const params = z.object({ wallet_id: idText.meta({ example: 7 }) });
const DEPOSIT_PATH = `${walletPath('{wallet_id}')}/deposit`;
const WITHDRAW_PATH = `${walletPath('{wallet_id}')}/withdraw`;
const CONVERT_PATH = `${walletPath('{wallet_id}')}/convert`;

/** Payments and conversions of a wallet that is named by its id. */
export function walletPaymentOperations(context: ApiContext) {
  const fallback = { currency: context.config.payments.currency };
  return [
    defineOperation({
      method: 'post',
      path: DEPOSIT_PATH,
      id: 'depositToWallet',
      tag: 'wallets',
      summary: 'Accept a deposit into a wallet',
      description:
        'As `POST /api/v1/payments/deposit`, into this wallet. The amount is in its currency, and is called `amount` or `deposit`.',
      params,
      body: z
        .strictObject({
          amount: unreadAmountField(fallback),
          deposit: unreadAmountField(fallback),
          currency: namedCurrencyField(),
        })
        .superRefine(({ amount, deposit }, check) => {
          if ((amount === undefined) !== (deposit === undefined)) return;
          const [field, message] =
            amount === undefined
              ? ['amount', 'is required']
              : ['deposit', 'must be left out where amount is given'];
          check.addIssue({ code: 'custom', path: [field], message });
        })
        .meta({ oneOf: [{ required: ['amount'] }, { required: ['deposit'] }] }),
      bodyExample: { amount: 200 },
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
      problems: [...ACCEPT_PROBLEMS, 'no-such-wallet'],
      handle: ({ params: { wallet_id: walletId }, body: { amount, deposit, currency }, request }) =>
        accept(context, request, {
          walletId,
          type: 'deposit',
          route: DEPOSIT_PATH,
          sent: amount === undefined ? { deposit, currency } : { amount, currency },
        }),
    }),

    defineOperation({
      method: 'post',
      path: WITHDRAW_PATH,
      id: 'withdrawFromWallet',
      tag: 'wallets',
      summary: 'Accept a withdrawal from a wallet',
      description: 'As `POST /api/v1/payments/withdraw`, from this wallet. The amount is in its currency.',
      params,
      body: z.strictObject({ amount: unreadRequiredAmountField(fallback), currency: namedCurrencyField() }),
      bodyExample: { amount: 50 },
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
      problems: [...ACCEPT_PROBLEMS, 'no-such-wallet', 'insufficient-funds', 'wallet-busy'],
      handle: ({ params: { wallet_id: walletId }, body, request }) =>
        accept(context, request, { walletId, type: 'withdraw', route: WITHDRAW_PATH, sent: body }),
    }),

    defineOperation({
      method: 'post',
      path: CONVERT_PATH,
      id: 'convertFromWallet',
      tag: 'wallets',
      summary: 'Take a quote that gives money of this wallet',
      description:
        'As `POST /api/v1/currency/convert/execute`. A quote that gives money of another wallet is answered as one that does not exist.',
      params,
      body: z.strictObject({ quote_id: quoteIdField }),
      bodyExample: { quote_id: conversionExample.quote_id },
      takesIdempotencyKey: true,
      movesMoney: true,
      access: 'anyone',
      answers: { 201: CONVERTED },
      problems: [...EXECUTE_PROBLEMS, 'no-such-wallet'],
      async handle({ params: { wallet_id: walletId }, body: { quote_id: token }, request }) {
        const { userId } = await requireWalletIdentity(context, walletId);
        return await executeQuote(context, request, {
          token,
          userId,
          route: CONVERT_PATH,
          path: `${walletPath(walletId)}/convert`,
          understood: { wallet_id: walletId.toString() },
          isMeant: (quote) => quote.fromWalletId === walletId,
        });
      },
    }),
  ];
}

interface WalletPayment {
  readonly walletId: bigint;
  readonly type: Extract<PaymentType, 'deposit' | 'withdraw'>;
  readonly route: string;
  /** The amount, under the name that it was sent with, and the currency if it was named. */
  readonly sent: Readonly<Record<string, unknown>>;
}

/** Whose wallet it is and in which currency never changes, so it is read before the payment is accepted. */
async function accept(
  context: ApiContext,
  request: Request,
  { walletId, type, route, sent }: WalletPayment,
): Promise<Answer> {
  const wallet = await requireWalletIdentity(context, walletId);
  const { userId, currency } = wallet;
  const [field] = Object.keys(sent) as ['amount' | 'deposit'];
  const read = await readUnlessKeyUsed(context, request, {
    userId,
    read: async () => readFittingMoney(currency, sent, field),
  });
  if (read.kind !== 'read') return answerPaymentByKey(context, read, { type });
  const { amountMinor } = read.meant;
  const amount = formatAmount(amountMinor, currency);
  return await acceptPayment(context, request, {
    route,
    understood: { wallet_id: walletId.toString(), amount, currency },
    payment: { userId, type, amountMinor, currency, wallet },
    amountField: field,
  });
}
