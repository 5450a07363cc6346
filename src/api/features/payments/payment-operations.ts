import type { Request } from 'express';
import { z } from 'zod';
import type { Page } from '../../../database/list-page.sql.ts';
import type { Payment } from '../../../payments/payment.ts';
import { listPayments } from '../../../payments/read/list-payments.sql.ts';
import { findPayment, findPayments, listAttempts } from '../../../payments/read/read-payments.sql.ts';
import { type PaymentTrace, searchPaymentIds } from '../../../payments/read/search-payments.sql.ts';
import { findOwner } from '../../../wallets/find-owner.ts';
import { idText, textField } from '../../describe/fields.ts';
import {
  amountFields,
  createdFields,
  listQuery,
  toAmountFilter,
  toCreatedFilter,
} from '../../describe/list-fields.ts';
import { paymentTypeSchema } from '../../describe/payment-fields.ts';
import { Problem } from '../../problems/problem.ts';
import type { ApiContext } from '../../server/api-context.ts';
import { answerWithPage, nextPageHeader } from '../../server/cursor.ts';
import { withoutQuotes } from '../../server/idempotency-key.ts';
import { type Answer, defineOperation } from '../../server/operation.ts';
import {
  attemptExample,
  attemptListSchema,
  paymentExample,
  paymentListSchema,
  paymentSchema,
  paymentStatusSchema,
} from './payment-schemas.ts';
import { renderAttempt, renderPayment } from './render-payment.ts';

const PATH = '/api/v1/payments';
const LIST = 'payments';
/** PostgreSQL's code for a statement that ran into its timeout. */
const QUERY_CANCELED = '57014';
const params = z.object({ payment_id: idText.meta({ example: 1 }) });

const trace = textField({ most: 255 }).optional();
/** The key as it was sent: even a key of the maximum length may have the double quotes of a structured header around it. */
const quotedKey = textField({ most: 257 }).optional();
const searchQuery = listQuery(LIST, {
  idempotency_key: quotedKey,
  gateway_reference: trace,
  reference: trace.meta({ description: 'Our reference at the gateway, such as 42-9f1c3a5b7d20.' }),
  user_id: idText.optional(),
  wallet_id: idText.optional(),
  status: paymentStatusSchema.optional(),
  type: paymentTypeSchema.optional(),
}).refine(
  ({ idempotency_key, gateway_reference, reference }) =>
    [idempotency_key, gateway_reference, reference].filter((text) => text !== undefined).length <= 1,
  'must have only one of idempotency_key, gateway_reference and reference',
);

export function paymentOperations({ config, knex, lists }: ApiContext) {
  const currency = config.payments.currency;

  async function search(query: z.output<typeof searchQuery>): Promise<Page<Payment>> {
    const { user_id, wallet_id: walletId, status, type, cursor: beforeId, limit } = query;
    const wanted = toTrace(query);
    const userId = await findOwner(lists, { userId: user_id, walletId });
    if (!wanted || userId === 'nobody') return NOTHING;
    const { items: paymentIds, nextBeforeId } = await searchPaymentIds(lists, {
      trace: wanted,
      userId,
      walletId,
      status,
      type,
      beforeId,
      limit,
    }).catch((error: unknown) => {
      throw (error as { code?: unknown }).code === QUERY_CANCELED ? new Problem('search-too-wide') : error;
    });
    const payments = await findPayments(knex, paymentIds);
    return { items: paymentIds.flatMap((paymentId) => payments.get(paymentId) ?? []), nextBeforeId };
  }

  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listPayments',
      tag: 'payments',
      summary: 'List payments, newest first',
      description:
        'Without a user or a wallet, the list is for operators only. A filter examines a limited number of payments for each page: a page may hold fewer than `limit`, even none, and still have a next page.',
      query: listQuery(LIST, {
        user_id: idText.optional(),
        wallet_id: idText.optional().meta({
          description:
            'Only payments into and out of this wallet. It says whose they are, so the user need not be named.',
        }),
        status: paymentStatusSchema.optional(),
        type: paymentTypeSchema.optional(),
        ...createdFields,
        ...amountFields(currency),
      }),
      isPolled: true,
      access: ({ query }) =>
        query.user_id === undefined && query.wallet_id === undefined ? 'operator' : 'anyone',
      answers: {
        200: {
          description: 'A page of payments.',
          schema: paymentListSchema,
          example: { items: [paymentExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH, LIST) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const { user_id, wallet_id: walletId } = query;
        const userId = await findOwner(lists, { userId: user_id, walletId });
        if (userId === 'nobody') return answer(NOTHING, request);
        const page = await listPayments(lists, {
          userId,
          walletId,
          status: query.status,
          type: query.type,
          ...toCreatedFilter(query),
          ...toAmountFilter(query, currency),
          beforeId: query.cursor,
          limit: query.limit,
        });
        return answer(page, request);
      },
    }),

    // This must come before the path of a payment, which would match it too.
    defineOperation({
      method: 'get',
      path: `${PATH}/search`,
      id: 'searchPayments',
      tag: 'payments',
      summary: 'Find payments by idempotency key or reference',
      description:
        'Give one of the three, and the user or the wallet if you know it, which makes the search fast. A search by gateway reference examines a limited number of payments for each page: a page may be empty and still have a next page.',
      query: searchQuery,
      access: 'operator',
      answers: {
        200: {
          description: 'A page of payments, newest first.',
          schema: paymentListSchema,
          example: { items: [paymentExample], next_cursor: null },
          headers: { Link: nextPageHeader(`${PATH}/search`, LIST) },
        },
      },
      problems: ['validation-failed', 'search-too-wide'],
      async handle({ query, request }) {
        return answer(await search(query), request);
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{payment_id}`,
      id: 'getPayment',
      tag: 'payments',
      summary: 'Read a payment',
      params,
      isPolled: true,
      access: 'anyone',
      answers: { 200: { description: 'The payment.', schema: paymentSchema, example: paymentExample } },
      problems: ['payment-not-found', 'validation-failed'],
      async handle({ params: { payment_id } }) {
        const payment = await findPayment(knex, payment_id);
        if (!payment) throw notFound(payment_id);
        return { status: 200, body: renderPayment(payment), paymentId: payment_id };
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{payment_id}/attempts`,
      id: 'listAttempts',
      tag: 'payments',
      summary: 'List the attempts of a payment, oldest first',
      params,
      isPolled: true,
      access: 'anyone',
      answers: {
        200: {
          description: 'The attempts.',
          schema: attemptListSchema,
          example: { items: [attemptExample] },
        },
      },
      problems: ['payment-not-found', 'validation-failed'],
      async handle({ params: { payment_id } }) {
        if (!(await findPayment(knex, payment_id))) throw notFound(payment_id);
        const attempts = await listAttempts(lists, payment_id);
        return { status: 200, body: { items: attempts.map(renderAttempt) }, paymentId: payment_id };
      },
    }),
  ];
}

const NOTHING: Page<Payment> = { items: [], nextBeforeId: null };

function answer(page: Page<Payment>, { originalUrl }: Request): Answer {
  return answerWithPage(page, { list: LIST, originalUrl, render: renderPayment });
}

function toTrace(query: z.output<typeof searchQuery>): PaymentTrace | undefined {
  const { idempotency_key: key, gateway_reference: gatewayReference, reference } = query;
  if (key !== undefined) return { kind: 'idempotency_key', key: withoutQuotes(key) };
  if (gatewayReference !== undefined) return { kind: 'gateway_reference', reference: gatewayReference };
  const paymentId = /^\d{1,15}(?=-)/.exec(reference ?? '')?.[0];
  if (reference === undefined || paymentId === undefined) return undefined;
  return { kind: 'reference', paymentId: BigInt(paymentId), reference };
}

function notFound(paymentId: bigint): Problem {
  return new Problem('payment-not-found', { detail: `There is no payment ${paymentId}.` });
}
