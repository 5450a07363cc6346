import { z } from 'zod';
import {
  findPayment,
  listAttempts,
  listPayments,
  type PaymentListQuery,
} from '../../payments/read-payments.sql.ts';
import type { ApiContext } from '../api-context.ts';
import { answerWithPage, cursorField, nextPageHeader } from '../cursor.ts';
import { defineOperation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { renderAttempt, renderPayment } from '../render.ts';
import {
  attemptListSchema,
  paymentListSchema,
  paymentSchema,
  paymentStatusSchema,
  paymentTypeSchema,
} from '../schemas/answers.ts';
import { countText, idText } from '../schemas/fields.ts';
import { attemptExample, paymentExample } from './examples.ts';

const PATH = '/api/v1/payments';
const params = z.object({ payment_id: idText.meta({ example: 1 }) });

const listQuery = z.strictObject({
  user_id: idText.optional(),
  status: paymentStatusSchema.optional(),
  type: paymentTypeSchema.optional(),
  limit: countText({ least: 1, most: 200, fallback: 50 }),
  cursor: cursorField.optional(),
});

export function paymentOperations({ knex }: ApiContext) {
  return [
    defineOperation({
      method: 'get',
      path: PATH,
      id: 'listPayments',
      tag: 'payments',
      summary: 'List payments, newest first',
      query: listQuery,
      answers: {
        200: {
          description: 'A page of payments.',
          schema: paymentListSchema,
          example: { items: [paymentExample], next_cursor: null },
          headers: { Link: nextPageHeader(PATH) },
        },
      },
      problems: ['validation-failed'],
      async handle({ query, request }) {
        const found = await listPayments(knex, { ...toListQuery(query), limit: query.limit + 1 });
        return answerWithPage(found, {
          limit: query.limit,
          originalUrl: request.originalUrl,
          idOf: ({ paymentId }) => paymentId,
          render: renderPayment,
        });
      },
    }),

    defineOperation({
      method: 'get',
      path: `${PATH}/{payment_id}`,
      id: 'getPayment',
      tag: 'payments',
      summary: 'Read a payment',
      params,
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
        const attempts = await listAttempts(knex, payment_id);
        return { status: 200, body: { items: attempts.map(renderAttempt) }, paymentId: payment_id };
      },
    }),
  ];
}

function toListQuery({ user_id, status, type, cursor, limit }: z.output<typeof listQuery>): PaymentListQuery {
  return {
    limit,
    ...(user_id === undefined ? {} : { userId: user_id }),
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(cursor === undefined ? {} : { beforeId: cursor }),
  };
}

function notFound(paymentId: bigint): Problem {
  return new Problem('payment-not-found', { detail: `There is no payment ${paymentId}.` });
}
